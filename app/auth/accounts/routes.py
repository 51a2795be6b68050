"""/list-accounts, /unlink-account, /account-info, /get-access-token and /refresh-token.

No social provider is offered, so the last three have nothing to give: they tell why.
"""

from dataclasses import replace
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ...models.records import ADA
from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse, Response
from ...web.input.validation import WireBody
from ..errors import (
    AccountNotFound,
    FailedToUnlinkLastAccount,
    NobodySignedIn,
    ProviderNotConfigured,
    ProviderNotSupported,
    SessionNotFresh,
)
from ..sessions.guard import Guard, SignedInRequest
from .accounts import Account, Accounts
from .selection import SelectionBody, SelectionQuery


class UnlinkBody(WireBody, frozen=True):
    """The body of `/unlink-account`."""

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
_MINE = {"accountId": ADAS_ACCOUNT.id}

LIST_ACCOUNTS = Endpoint(
    "GET /list-accounts",
    name="listUserAccounts",
    tag="Accounts",
    summary="List my accounts",
    caller=Caller.SESSION,
    responses={"A password": [ADAS_ACCOUNT]},
)
UNLINK_ACCOUNT = Endpoint(
    "POST /unlink-account",
    name="unlinkAccount",
    tag="Accounts",
    summary="Unlink an account",
    caller=Caller.FRESH,
    body=UnlinkBody,
    body_examples={"One of my accounts": _MINE},
    responses={"Unlinked": UNLINKED},
    refuses=(FailedToUnlinkLastAccount, AccountNotFound, SessionNotFresh),
)
ACCOUNT_INFO = Endpoint(
    "GET /account-info",
    name="accountInfo",
    tag="Accounts",
    summary="What a social provider knows",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    query=SelectionQuery,
    refuses=(AccountNotFound, ProviderNotConfigured),
)
GET_ACCESS_TOKEN = Endpoint(
    "POST /get-access-token",
    name="getAccessToken",
    tag="Accounts",
    summary="A social provider's access token",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=SelectionBody,
    body_examples={"One of my accounts": _MINE},
    refuses=(AccountNotFound, ProviderNotSupported),
)
REFRESH_TOKEN = replace(
    GET_ACCESS_TOKEN,
    method_and_path="POST /refresh-token",
    name="refreshToken",
    summary="A new access token of a social provider",
)


class AccountRoutes:
    """HTTP for `Accounts`."""

    def __init__(self, guard: Guard, accounts: Accounts) -> None:
        self._guard = guard
        self._accounts = accounts

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            LIST_ACCOUNTS.with_handler(self.list_accounts, self._guard),
            UNLINK_ACCOUNT.with_handler(self.unlink_account, self._guard),
            ACCOUNT_INFO.with_handler(self.get_account_info, self._guard),
            GET_ACCESS_TOKEN.with_handler(self.get_access_token, self._guard),
            REFRESH_TOKEN.with_handler(self.refresh_token, self._guard),
        ]

    async def list_accounts(self, request: SignedInRequest) -> JsonResponse[list[Account]]:
        """What the caller can sign in with: the password is the account of `credential`."""
        return JsonResponse([*await self._accounts.list_accounts(request.caller.user.id)])

    async def unlink_account(self, request: SignedInRequest[UnlinkBody]) -> JsonResponse[Unlinked]:
        """Delete one of the caller's accounts, though never the last one, unless that is allowed.

        Only for a session that began less than `session.freshAge` ago (a day).
        """
        await self._accounts.unlink(request.caller.user.id, request.body.account_id)
        return JsonResponse(UNLINKED)

    async def get_account_info(
        self, request: SignedInRequest[None, SelectionQuery]
    ) -> Response[object]:
        """What a social provider knows of the caller: nothing here, as none is offered."""
        await self._accounts.get_account(request.caller.user.id, request.query.account_id)
        raise ProviderNotConfigured

    async def get_access_token(self, request: SignedInRequest[SelectionBody]) -> Response[object]:
        """A social provider's access token: none here, as no provider is offered."""
        account = await self._accounts.get_account(request.caller.user.id, request.body.account_id)
        raise ProviderNotSupported(f"Provider {account.provider_id} is not supported.")

    async def refresh_token(self, request: SignedInRequest[SelectionBody]) -> Response[object]:
        """A new access token of a social provider: none here, as no provider is offered."""
        return await self.get_access_token(request)
