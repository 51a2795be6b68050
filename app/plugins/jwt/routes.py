"""/token and /jwks."""

from dataclasses import replace
from typing import Annotated

from msgspec import Meta, Struct

from ...auth.errors import BannedUser, SigningKeyUnreadable, TwoFactorRequired
from ...auth.sessions.guard import Guard, SignedInRequest
from ...web.endpoint import ApiRequest, Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from .access_tokens import AccessTokens
from .public_keys import KeySet, PublicKeys


class Token(Struct, frozen=True):
    """A signed access token."""

    token: Annotated[str, Meta(description="JWT; send it as `Authorization: Bearer` to your APIs.")]


TOKEN = Endpoint(
    "GET /token",
    name="getJSONWebToken",
    tag="Tokens",
    summary="Get an access token",
    caller=Caller.STORED,
    responses={"Token": Token("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhIn0.c2lnbmVk")},
    refuses=(BannedUser, TwoFactorRequired, SigningKeyUnreadable),
)
JWKS = Endpoint(
    "GET /jwks",
    name="getJSONWebKeySet",
    tag="Tokens",
    summary="Public keys",
    responses={
        "No keys": KeySet([]),
        "Ed25519": KeySet(
            [{"alg": "EdDSA", "crv": "Ed25519", "x": "11qYAY", "kty": "OKP", "kid": "k1"}]
        ),
    },
)


class TokenRoutes:
    """HTTP for `AccessTokens` and `PublicKeys`."""

    def __init__(
        self, guard: Guard, tokens: AccessTokens, keys: PublicKeys, *, jwks_path: str
    ) -> None:
        self._guard = guard
        self._tokens = tokens
        self._keys = keys
        self._jwks_path = jwks_path

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        jwks = replace(JWKS, method_and_path=f"GET {self._jwks_path}")
        return [TOKEN.with_handler(self.get_token, self._guard), jwks.with_handler(self.get_jwks)]

    async def get_token(self, request: SignedInRequest) -> JsonResponse[Token]:
        """A JWT of the caller, for APIs that verify it with the shared secret, or by `/jwks`.

        Needs the session cookie, or the session token as bearer; always asks the session store.
        """
        caller = request.caller
        if caller.restriction is not None:
            raise caller.restriction
        return JsonResponse(
            Token(await self._tokens.issue(caller.user, caller.session, request.now))
        )

    async def get_jwks(self, request: ApiRequest) -> JsonResponse[KeySet]:
        """The public keys of asymmetric tokens; an HS256 secret is never among them."""
        return JsonResponse(await self._keys.list_published(request.now))
