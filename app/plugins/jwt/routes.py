"""/token and /jwks."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from ...auth.sessions.guard import Guard
from ...models.clock import now as clock
from ...models.errors import BannedUser, SigningKeyUnreadable, TwoFactorRequired, Unauthorized
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableRefresh, is_on
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ALWAYS, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from .access_tokens import AccessTokens
from .public_keys import KeySet, PublicKeys


class Token(Struct, frozen=True):
    """A signed access token."""

    token: Annotated[str, Meta(description="JWT; send it as `Authorization: Bearer` to your APIs.")]


class TokenRoutes(RouteGroup):
    """HTTP for `AccessTokens` and `PublicKeys`."""

    def __init__(
        self, guard: Guard, tokens: AccessTokens, keys: PublicKeys, *, jwks_path: str
    ) -> None:
        self._guard = guard
        self._tokens = tokens
        self._keys = keys
        self._jwks_path = jwks_path

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_token()(self.token), _jwks(self._jwks_path)(self.jwks)]

    async def token(
        self, request: AnyRequest, disable_refresh: DisableRefresh = None
    ) -> Answer[Token]:
        """A JWT of the caller, for APIs that verify it with the shared secret, or by `/jwks`.

        Needs the session cookie, or the session token as bearer; always asks the session store.
        """
        now = clock()
        headers, refresh = admitted(request.scope).headers, not is_on(disable_refresh)
        live, lines = await self._guard.sensitive(headers, now, refresh=refresh)
        if live.restriction is not None:
            raise live.restriction(lines)
        return Answer(Token(await self._tokens.issue(live.user, live.session, now)), lines)

    async def jwks(self) -> Answer[KeySet]:
        """The public keys of asymmetric tokens; an HS256 secret is never among them."""
        return Answer(await self._keys.published(clock()))


_token = partial(
    get,
    "/token",
    operation_class=documented(
        answers={
            "Token": Token("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhIn0.c2lnbmVk")
        },
        headers={"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN},
    ),
    operation_id="getJSONWebToken",
    tags=["Tokens"],
    summary="Get an access token",
    security=SIGNED_IN,
    responses=refusals(Unauthorized, BannedUser, TwoFactorRequired, SigningKeyUnreadable, *ALWAYS),
)
_jwks = partial(
    get,
    operation_class=documented(
        answers={
            "No keys": KeySet([]),
            "Ed25519": KeySet(
                [{"alg": "EdDSA", "crv": "Ed25519", "x": "11qYAY", "kty": "OKP", "kid": "k1"}]
            ),
        }
    ),
    operation_id="getJSONWebKeySet",
    tags=["Tokens"],
    summary="Public keys",
    responses=refusals(*ALWAYS),
)
