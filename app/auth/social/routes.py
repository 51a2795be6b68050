"""/sign-in/social, /link-social and /callback, as they answer where no provider is configured."""

from msgspec import UNSET, UnsetType, structs

from ...models.telemetry.log_context import note_refusal
from ...web.endpoint import ApiRequest, Caller, Endpoint, Route
from ...web.http.location import encode_pair, with_parameter
from ...web.http.response import Redirect, Response
from ..errors import ProviderNotFound
from ..sessions.guard import Guard, SignedInRequest
from .bodies import (
    CallbackBody,
    CallbackQuery,
    LinkSocialBody,
    SocialSignInBody,
)

_GOOGLE = {"Google": {"provider": "google", "callbackURL": "/welcome"}}
_PROVIDER = "Any: none is configured."

SIGN_IN_SOCIAL = Endpoint(
    "POST /sign-in/social",
    name="socialSignIn",
    tag="Accounts",
    summary="Sign in with a social provider",
    body=SocialSignInBody,
    body_examples=_GOOGLE,
    accepts_nested=True,
    refuses=(ProviderNotFound,),
)
LINK_SOCIAL = Endpoint(
    "POST /link-social",
    name="linkSocialAccount",
    tag="Accounts",
    summary="Link a social account",
    caller=Caller.STORED,
    body=LinkSocialBody,
    body_examples=_GOOGLE,
    accepts_nested=True,
    refuses=(ProviderNotFound,),
)
OPEN_CALLBACK = Endpoint(
    "GET /callback/{provider}",
    name="openOAuthCallback",
    tag="Accounts",
    summary="Come back from a social provider",
    parameter=_PROVIDER,
    query=CallbackQuery,
    redirects=True,
)
POST_CALLBACK = Endpoint(
    "POST /callback/{provider}",
    name="handleOAuthCallback",
    tag="Accounts",
    summary="Come back from a social provider that posts",
    parameter=_PROVIDER,
    query=CallbackQuery,
    body=CallbackBody,
    is_body_optional=True,
    body_examples={"Nothing": {}},
    accepts_form=True,
    redirects=True,
)


class SocialRoutes:
    """`base` is the base URL with its path, `error_url` the page that failed redirects end on."""

    def __init__(self, guard: Guard, base: str, error_url: str | None) -> None:
        self._guard = guard
        self._base = base
        self._error_url = error_url or f"{base}/error"

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            SIGN_IN_SOCIAL.with_handler(self.sign_in_social),
            LINK_SOCIAL.with_handler(self.link_social, self._guard),
            OPEN_CALLBACK.with_handler(self.open_callback),
            POST_CALLBACK.with_handler(self.post_callback),
        ]

    async def sign_in_social(self, _request: ApiRequest[SocialSignInBody]) -> Response[object]:
        """Sign in with a provider: none is offered, so none is found."""
        raise ProviderNotFound

    async def link_social(self, _request: SignedInRequest[LinkSocialBody]) -> Response[object]:
        """Link a provider's account to the caller's user: none is offered, so none is found."""
        raise ProviderNotFound

    async def open_callback(self, request: ApiRequest[None, None, CallbackQuery]) -> Redirect:
        """Where a provider would send people back to; no `state` is known, so on to the error."""
        error = "state_mismatch" if request.query.state else "state_not_found"
        note_refusal(error)
        return Redirect(with_parameter(self._error_url, "error", error))

    async def post_callback(
        self, request: ApiRequest[CallbackBody, None, CallbackQuery]
    ) -> Redirect:
        """For providers that post: on to the same path with all that was sent in its query."""
        values = {**_list_sent(request.body), **_list_sent(request.query)}
        names = [each for each in CallbackQuery.__struct_fields__ if each in values]
        sent = "&".join(encode_pair(name, values[name]) for name in names)
        return Redirect(f"{self._base}/callback/{request.get_parameter()}?{sent}")


def _list_sent(sent: CallbackBody | CallbackQuery) -> dict[str, str]:
    fields: dict[str, str | UnsetType] = structs.asdict(sent)
    return {name: value for name, value in fields.items() if value is not UNSET}
