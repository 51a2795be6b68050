"""/list-accounts, /unlink-account, /account-info, /get-access-token and /refresh-token.

No social provider is offered, so the last three have nothing to give: they tell why.
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct

from ...models.clock import now as clock
from ...models.errors import InvalidBody, SessionNotFresh, Unauthorized
from ...models.records import ADA
from ...web.http.asgi import Line
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableCookieCache, DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.input.wire_query import parse_query
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented, refusing
from ...web.openapi.schemas import ALWAYS, ON_POST, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from ..sessions.guard import Guard, owing
from .accounts import Account, Accounts
from .errors import (
    AccountNotFound,
    FailedToUnlinkLastAccount,
    NobodySignedIn,
    ProviderNotConfigured,
    ProviderNotSupported,
)
from .selection import SelectionBody, SelectionQuery, selected


class UnlinkBody(WireBody, frozen=True):
    account_id: Annotated[str, Meta(description="The `id` that `/list-accounts` tells.")]


class Unlinked(Struct, frozen=True):
    status: Literal[True]


UNLINKED = Unlinked(status=True)
# Of the documentation.
ADAS_ACCOUNT = Account(
    account_id=ADA.id,
    provider_id="credential",
    user_id=ADA.id,
    created_at=ADA.created_at,
    updated_at=ADA.updated_at,
    id="Vx3Rt8Yw1Kq6Zn0Bm5Lp9Hs2Jc7Gd4Fe",
    scopes=[],
)


class AccountRoutes(RouteGroup):
    """HTTP for `Accounts`."""

    def __init__(self, guard: Guard, accounts: Accounts) -> None:
        self._guard = guard
        self._accounts = accounts

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [
            _list_accounts()(self.list_accounts),
            _unlink_account()(self.unlink_account),
            _account_info()(self.account_info),
            _get_access_token()(self.get_access_token),
            _refresh_token()(self.refresh_token),
        ]

    async def list_accounts(
        self,
        request: AnyRequest,
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Sequence[Account]]:
        """What the caller can sign in with: the password is the account of `credential`."""
        now, headers = clock(), admitted(request.scope).headers
        refresh, cache = not is_on(disable_refresh), not is_on(disable_cookie_cache)
        live, lines = await self._guard.signed_in(headers, now, refresh=refresh, cache=cache)
        return Answer(await self._accounts.listed(live.user.id), lines)

    async def unlink_account(
        self,
        request: AnyRequest,
        data: JSONBody[UnlinkBody],
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Unlinked]:
        """Delete one of the caller's accounts, though never the last one, unless that is allowed.

        Only for a session that began less than `session.freshAge` ago (a day).
        """
        now, headers = clock(), admitted(request.scope).headers
        refresh, cache = not is_on(disable_refresh), not is_on(disable_cookie_cache)
        live, lines = await self._guard.fresh(headers, now, refresh=refresh, cache=cache)
        with owing(lines):
            await self._accounts.unlink(live.user.id, data.account_id)
        return Answer(UNLINKED, lines)

    async def account_info(self, request: AnyRequest) -> Answer[None]:
        """What a social provider knows of the caller: nothing here, as none is offered."""
        account_id = selected("query", parse_query(request.scope["query_string"]))
        lines, _ = await self._own(request, account_id)
        raise ProviderNotConfigured(lines)

    async def get_access_token(
        self, request: AnyRequest, disable_refresh: DisableRefresh = None
    ) -> Answer[None]:
        """A social provider's access token: none here, as no provider is offered."""
        return await self._without_provider(request, refresh=not is_on(disable_refresh))

    async def refresh_token(
        self, request: AnyRequest, disable_refresh: DisableRefresh = None
    ) -> Answer[None]:
        """The same, made anew."""
        return await self._without_provider(request, refresh=not is_on(disable_refresh))

    async def _without_provider(self, request: AnyRequest, *, refresh: bool) -> Answer[None]:
        account_id = selected("body", admitted(request.scope).document.value)
        lines, account = await self._own(request, account_id, refresh=refresh)
        with owing(lines):
            raise ProviderNotSupported(f"Provider {account.provider_id} is not supported.")

    async def _own(
        self, request: AnyRequest, account_id: str | None, *, refresh: bool = True
    ) -> tuple[list[Line], Account]:
        headers = admitted(request.scope).headers
        try:
            live, lines = await self._guard.sensitive(headers, clock(), refresh=refresh)
        except Unauthorized as nobody:
            raise NobodySignedIn(nobody.headers) from None
        with owing(lines):
            if account_id is None:  # no cookie of this server names an account
                raise AccountNotFound
            return lines, await self._accounts.found(live.user.id, account_id)


_COOKIES = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}
_MINE = {"accountId": ADAS_ACCOUNT.id}

_list_accounts = partial(
    get,
    "/list-accounts",
    operation_class=documented(answers={"A password": [ADAS_ACCOUNT]}, headers=_COOKIES),
    operation_id="listUserAccounts",
    tags=["Accounts"],
    security=SIGNED_IN,
    summary="List my accounts",
    responses=refusals(Unauthorized, *ALWAYS),
)
_unlink_account = partial(
    post,
    "/unlink-account",
    operation_class=documented(
        sends={"One of mine": _MINE}, answers={"Unlinked": UNLINKED}, headers=_COOKIES
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="unlinkAccount",
    tags=["Accounts"],
    security=SIGNED_IN,
    summary="Unlink an account",
    responses=refusals(
        InvalidBody,
        FailedToUnlinkLastAccount,
        AccountNotFound,
        Unauthorized,
        SessionNotFresh,
        *ON_POST,
    ),
)
_account_info = partial(
    get,
    "/account-info",
    operation_class=refusing(query=SelectionQuery),
    operation_id="accountInfo",
    tags=["Accounts"],
    security=SIGNED_IN,
    summary="What a social provider knows",
    responses=refusals(
        InvalidBody, AccountNotFound, ProviderNotConfigured, NobodySignedIn, *ALWAYS
    ),
)
_SELECTION = refusing(body=SelectionBody, sends={"One of mine": _MINE})
_NO_TOKEN = refusals(InvalidBody, AccountNotFound, ProviderNotSupported, NobodySignedIn, *ON_POST)
_get_access_token = partial(
    post,
    "/get-access-token",
    operation_class=_SELECTION,
    operation_id="getAccessToken",
    tags=["Accounts"],
    security=SIGNED_IN,
    summary="A social provider's access token",
    responses=_NO_TOKEN,
)
_refresh_token = partial(
    post,
    "/refresh-token",
    operation_class=_SELECTION,
    operation_id="refreshToken",
    tags=["Accounts"],
    security=SIGNED_IN,
    summary="A new access token of a social provider",
    responses=_NO_TOKEN,
)
