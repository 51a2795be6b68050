"""/sign-in/social, /link-social and /callback, as they answer where no provider is configured."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, UnsetType, structs

from ...models.clock import now as clock
from ...models.errors import InvalidBody, Unauthorized
from ...web.http.location import form_pair, with_parameter
from ...web.http.log_context import note_refusal
from ...web.http.response import Answer, AnyRequest, Redirect
from ...web.input.query import DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.wire_query import read_query
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import documented, refusing
from ...web.openapi.schemas import ALWAYS, ON_POST, REDIRECT, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from ..accounts.errors import ProviderNotFound
from ..sessions.guard import Guard, owing
from .bodies import (
    CallbackBody,
    CallbackQuery,
    LinkSocialBody,
    SocialSignInBody,
)

ProviderId = Annotated[str, PathParameter(description="Any: none is configured.")]


class SocialRoutes(RouteGroup):
    """`base` is the base URL with its path, `error_url` the page that failed redirects end on."""

    def __init__(self, guard: Guard, base: str, error_url: str | None) -> None:
        self._guard = guard
        self._base = base
        self._error_url = error_url or f"{base}/error"

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [
            _sign_in_social()(self.sign_in_social),
            _link_social()(self.link_social),
            _open_callback()(self.open_callback),
            _post_callback()(self.post_callback),
        ]

    async def sign_in_social(
        self,
        request: AnyRequest,
        data: JSONBody[SocialSignInBody],
    ) -> Answer[None]:
        """Sign in with a provider: none is offered, so none is found."""
        raise ProviderNotFound

    async def link_social(
        self,
        request: AnyRequest,
        data: JSONBody[LinkSocialBody],
        disable_refresh: DisableRefresh = None,
    ) -> Answer[None]:
        """Link a provider's account to the caller's user: none is offered, so none is found."""
        now, headers = clock(), admitted(request.scope).headers
        _, lines = await self._guard.sensitive(headers, now, refresh=not is_on(disable_refresh))
        with owing(lines):
            raise ProviderNotFound

    async def open_callback(self, request: AnyRequest, provider: ProviderId) -> Redirect[None]:
        """Where a provider would send people back to; no `state` is known, so on to the error."""
        query = read_query(request.scope, CallbackQuery)
        error = "state_mismatch" if query.state else "state_not_found"
        note_refusal(error)
        return Redirect(with_parameter(self._error_url, "error", error))

    async def post_callback(
        self,
        request: AnyRequest,
        provider: ProviderId,
        data: JSONBody[CallbackBody | None] = None,
    ) -> Redirect[None]:
        """For providers that post: on to the same path with all that was sent in its query."""
        query = read_query(request.scope, CallbackQuery)
        given = {**_given(data or CallbackBody()), **_given(query)}
        names = [each for each in CallbackQuery.__struct_fields__ if each in given]
        sent = "&".join(form_pair(name, given[name]) for name in names)
        return Redirect(f"{self._base}/callback/{provider}?{sent}")


def _given(sent: CallbackBody | CallbackQuery) -> dict[str, str]:
    fields: dict[str, str | UnsetType] = structs.asdict(sent)
    return {name: value for name, value in fields.items() if value is not UNSET}


_GOOGLE = {"Google": {"provider": "google", "callbackURL": "/welcome"}}

_sign_in_social = partial(
    post,
    "/sign-in/social",
    operation_class=refusing(sends=_GOOGLE),
    dto=StrictBody,
    return_dto=None,
    operation_id="socialSignIn",
    tags=["Accounts"],
    summary="Sign in with a social provider",
    responses=refusals(InvalidBody, ProviderNotFound, *ON_POST),
)
_link_social = partial(
    post,
    "/link-social",
    operation_class=refusing(sends=_GOOGLE),
    dto=StrictBody,
    return_dto=None,
    operation_id="linkSocialAccount",
    tags=["Accounts"],
    security=SIGNED_IN,
    summary="Link a social account",
    responses=refusals(InvalidBody, ProviderNotFound, Unauthorized, *ON_POST),
)
_open_callback = partial(
    get,
    "/callback/{provider:str}",
    operation_class=documented(answers={}, query=CallbackQuery),
    status_code=302,
    operation_id="openOAuthCallback",
    tags=["Accounts"],
    summary="Come back from a social provider",
    responses={**REDIRECT, **refusals(InvalidBody, *ALWAYS)},
)
_post_callback = partial(
    post,
    "/callback/{provider:str}",
    operation_class=documented(
        sends={"Nothing": {}}, answers={}, query=CallbackQuery, form=CallbackBody
    ),
    status_code=302,
    dto=StrictBody,
    return_dto=None,
    operation_id="handleOAuthCallback",
    tags=["Accounts"],
    summary="Come back from a social provider that posts",
    responses={**REDIRECT, **refusals(InvalidBody, *ON_POST)},
)
