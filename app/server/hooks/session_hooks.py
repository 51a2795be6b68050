"""Hooks for what happens to sessions, and for the access tokens of sessions."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.hooks import PendingSession, PendingToken, Values
from ...models.records import Session, User
from .calls import HookCall
from .connection import HookConnection
from .places import HookPlaces

_BeforeCreated = TypeVar(
    "_BeforeCreated", bound=Callable[[PendingSession], Awaitable[Values | None] | Values | None]
)
_WithNewSession = TypeVar(
    "_WithNewSession",
    bound=Callable[[Session, User, AsyncConnection], Awaitable[None]]
    | Callable[[Session, User, HookConnection], None],
)
_OfNewSession = TypeVar("_OfNewSession", bound=Callable[[Session, User], Awaitable[None] | None])
_OfSession = TypeVar("_OfSession", bound=Callable[[Session], Awaitable[None] | None])
_WithSession = TypeVar(
    "_WithSession",
    bound=Callable[[Session, AsyncConnection], Awaitable[None]]
    | Callable[[Session, HookConnection], None],
)
_Claims = TypeVar("_Claims", bound=Callable[[PendingToken], Awaitable[Values] | Values])
_Subject = TypeVar("_Subject", bound=Callable[[PendingToken], Awaitable[str | None] | str | None])


class SessionHooks(HookPlaces):
    """Hooks that get a session. Each method registers a function, also as a decorator."""

    def before_session_created(self, function: _BeforeCreated) -> _BeforeCreated:
        """Changes a session before it is made, like `databaseHooks.session.create.before`.

        Runs: before a session begins, after the password is verified and after the service itself
        has refused banned users. Transaction: none. Changes: the additional fields that it returns,
        by attribute. Refuses: by `HookRefusal`; nobody is signed in then.
        """
        self.places.before_session_created.append(self._change("before_session_created", function))
        return function

    def session_created(self, function: _WithNewSession) -> _WithNewSession:
        """Writes what belongs to a session, like `databaseHooks.session.create.after`.

        Runs: after the session is stored. Transaction: that of the session, with its connection.
        Changes: nothing. Refuses: by `HookRefusal`; nobody is signed in then.
        """
        self.places.session_created.append(self._notify_in("session_created", function))
        return function

    def after_session_created(self, function: _OfNewSession) -> _OfNewSession:
        """Does what may take long or fail, such as a mail about a new device.

        Runs: after the commit, apart from the request. Transaction: none. Changes and refuses:
        nothing; an error is logged.
        """
        self._after_session_created.append(self._notify_late("after_session_created", function))
        return function

    def before_session_deleted(self, function: _OfSession) -> _OfSession:
        """Decides whether a session may end, like `databaseHooks.session.delete.before`.

        Runs: before a session ends, other than by its age. Transaction: none. Changes: nothing.
        Refuses: by `HookRefusal`; the session stays then.
        """
        self.places.before_session_deleted.append(self._notify("before_session_deleted", function))
        return function

    def session_deleted(self, function: _WithSession) -> _WithSession:
        """Writes what belongs to the end of a session, like `databaseHooks.session.delete.after`.

        Runs: after the session is deleted. Transaction: that of the deletion, with its connection;
        where sessions are in Redis, one of its own right after. Changes: nothing. Refuses: by
        `HookRefusal`; a session in the database stays then.
        """
        self.places.session_deleted.append(self._notify_in("session_deleted", function))
        return function

    def after_session_deleted(self, function: _OfSession) -> _OfSession:
        """Does what may take long or fail.

        Runs: after the commit, apart from the request. Transaction: none. Changes and refuses:
        nothing; an error is logged.
        """
        self._after_session_deleted.append(self._notify_late("after_session_deleted", function))
        return function

    def token_claims(self, function: _Claims) -> _Claims:
        """Chooses the claims of an access token, like `jwt.definePayload` of Better Auth.

        Runs: for each access token, of `/token` and of the header `set-auth-jwt`. Transaction:
        none. Changes: it returns all claims about the user; `{**token.claims, "tenant": "t1"}`
        adds one, `{"tenant": "t1"}` removes the others. A reserved claim, such as `sub` or `exp`,
        is an error. Refuses: by `HookRefusal`; there is no token then.
        """
        self._check("token_claims", function)
        choose = partial(_choose_claims, HookCall("token_claims", function, self._threads))
        self.places.token_claims.append(choose)
        return function

    def token_subject(self, function: _Subject) -> _Subject:
        """Chooses the claim `sub` of an access token, like `jwt.getSubject` of Better Auth.

        Runs: for each access token. Transaction: none. Changes: it returns the subject, None for
        the id of the user. Refuses: by `HookRefusal`; there is no token then.
        """
        self._check_only("token_subject", function)
        choose = partial(_choose_subject, HookCall("token_subject", function, self._threads))
        self.places.token_subject.append(choose)
        return function


# What the service says of a token itself, here and in the libraries that read it.
RESERVED: Final = frozenset({"aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub", "user_id"})


async def _choose_claims(call: HookCall, token: PendingToken) -> Mapping[str, object]:
    claims = await call.run(token)
    if not isinstance(claims, Mapping):
        raise call.fail(f"returned {type(claims).__name__}, not a mapping")
    reserved = [name for name in claims if name in RESERVED and name not in token.claims]
    if reserved:
        raise call.fail(f"returned the reserved claim {reserved[0]}")
    try:
        decoded = msgspec.json.decode(msgspec.json.encode(claims), type=dict[str, object])
    except (TypeError, ValueError, OverflowError, RecursionError) as fault:
        raise call.fail("returned claims that are not JSON") from fault
    return decoded


async def _choose_subject(call: HookCall, token: PendingToken) -> str | None:
    subject = await call.run(token)
    if subject is not None and not (isinstance(subject, str) and subject):
        raise call.fail(f"returned {type(subject).__name__}, not a text or None")
    return subject
