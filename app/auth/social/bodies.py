"""The bodies of /sign-in/social, /link-social and /callback, validated as with providers.

Source: Better Auth 1.7.25 `socialSignInBodySchema`, `linkSocialAccount`, `callbackOAuth` and core's
`additionalAuthorizationParamsSchema`.
"""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...web.input.validation import WireBody, WireQuery

_RESERVED: Final = (
    "state",
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "scope",
)
_REFUSAL: Final = (
    f"additionalParams cannot include reserved OAuth parameters: {', '.join(_RESERVED)}"
)
# The original's schema is a choice of names, or any other text, and says no more than this.
Provider = Annotated[str, Meta(examples=["google"], extra={"mismatch": "Invalid input"})]
_Free = Annotated[str, Meta(pattern=rf"^(?!(?:{'|'.join(_RESERVED)})$)")]
Parameters = Annotated[dict[_Free, str], Meta(extra={"refusal": _REFUSAL})]
_AnyObject = dict[str, Any]


class PersonName(Struct, frozen=True, rename="camel"):
    """The name of a user at a provider."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET


class Person(Struct, frozen=True):
    """The user at a provider."""

    name: PersonName | UnsetType = UNSET
    email: str | UnsetType = UNSET


class LinkIdToken(Struct, frozen=True, rename="camel"):
    """The id token of `/link-social`."""

    token: str
    nonce: str | UnsetType = UNSET
    access_token: str | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET


class IdToken(LinkIdToken, frozen=True, rename="camel"):
    """The id token of `/sign-in/social`."""

    expires_at: float | UnsetType = UNSET
    user: Person | UnsetType = UNSET


class SocialSignInBody(WireBody, frozen=True, kw_only=True):
    """The body of `/sign-in/social`."""

    callback_url: str | UnsetType = field(default=UNSET, name="callbackURL")
    new_user_callback_url: str | UnsetType = field(default=UNSET, name="newUserCallbackURL")
    error_callback_url: str | UnsetType = field(default=UNSET, name="errorCallbackURL")
    provider: Provider
    disable_redirect: bool | UnsetType = UNSET
    id_token: IdToken | UnsetType = UNSET
    scopes: list[str] | UnsetType = UNSET
    request_sign_up: bool | UnsetType = UNSET
    login_hint: str | UnsetType = UNSET
    additional_params: Parameters | UnsetType = UNSET
    additional_data: _AnyObject | UnsetType = UNSET


class LinkSocialBody(WireBody, frozen=True, kw_only=True):
    """The body of `/link-social`."""

    callback_url: str | UnsetType = field(default=UNSET, name="callbackURL")
    provider: Provider
    id_token: LinkIdToken | UnsetType = UNSET
    request_sign_up: bool | UnsetType = UNSET
    scopes: list[str] | UnsetType = UNSET
    error_callback_url: str | UnsetType = field(default=UNSET, name="errorCallbackURL")
    disable_redirect: bool | UnsetType = UNSET
    login_hint: str | UnsetType = UNSET
    additional_params: Parameters | UnsetType = UNSET
    additional_data: _AnyObject | UnsetType = UNSET


class CallbackBody(WireBody, frozen=True):
    code: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    device_id: str | UnsetType = field(default=UNSET, name="device_id")
    error_description: str | UnsetType = field(default=UNSET, name="error_description")
    state: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    iss: str | UnsetType = UNSET


class CallbackQuery(WireQuery, frozen=True):
    code: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    device_id: str | UnsetType = field(default=UNSET, name="device_id")
    error_description: str | UnsetType = field(default=UNSET, name="error_description")
    state: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    iss: str | UnsetType = UNSET
