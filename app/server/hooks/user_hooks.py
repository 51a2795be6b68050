"""Hooks for what happens to users."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.hooks import PendingUser, UpdatedUser, UserBan, UserChange, Values
from ...models.records import User
from ...web.request_context import RequestContext
from .connection import HookConnection
from .places import HookPlaces

_Check = TypeVar("_Check", bound=Callable[[PendingUser], Awaitable[None] | None])
_BeforeCreated = TypeVar(
    "_BeforeCreated", bound=Callable[[PendingUser], Awaitable[Values | None] | Values | None]
)
_BeforeUpdated = TypeVar(
    "_BeforeUpdated", bound=Callable[[UserChange], Awaitable[Values | None] | Values | None]
)
_OfUser = TypeVar("_OfUser", bound=Callable[[User], Awaitable[None] | None])
_WithUser = TypeVar(
    "_WithUser",
    bound=Callable[[User, AsyncConnection], Awaitable[None]]
    | Callable[[User, HookConnection], None],
)
_AfterCreated = TypeVar(
    "_AfterCreated", bound=Callable[[User, RequestContext | None], Awaitable[None] | None]
)
_OfUpdate = TypeVar("_OfUpdate", bound=Callable[[UpdatedUser], Awaitable[None] | None])
_WithUpdate = TypeVar(
    "_WithUpdate",
    bound=Callable[[UpdatedUser, AsyncConnection], Awaitable[None]]
    | Callable[[UpdatedUser, HookConnection], None],
)
_WithBan = TypeVar(
    "_WithBan",
    bound=Callable[[UserBan, AsyncConnection], Awaitable[None]]
    | Callable[[UserBan, HookConnection], None],
)


class UserHooks(HookPlaces):
    """Hooks that get a user. Each method registers a function, also as a decorator."""

    def validate_user_info(self, function: _Check) -> _Check:
        """Decides who may become a user, like `user.validateUserInfo` of Better Auth.

        Runs: before a user is made, whatever makes it, and before `before_user_created`; also for
        an address that somebody has. Transaction: none. Changes: nothing. Refuses: by
        `HookRefusal`; Better Auth answers 403.
        """
        self.places.validate_user_info.append(self._notify("validate_user_info", function))
        return function

    def before_user_created(self, function: _BeforeCreated) -> _BeforeCreated:
        """Changes a user before it is made, like `databaseHooks.user.create.before`.

        Runs: before a user is made, whatever makes it; also for an address that somebody has.
        Transaction: none. Changes: the fields that it returns, by attribute, such as
        `{"name": "Ada"}`. Refuses: by `HookRefusal`.
        """
        self.places.before_user_created.append(self._change("before_user_created", function))
        return function

    def user_created(self, function: _WithUser) -> _WithUser:
        """Writes what belongs to a new user, like `databaseHooks.user.create.after`.

        Runs: after the row of the user is inserted. For an address that somebody has it may run
        with a user who is made up, in a transaction that is rolled back. Transaction: that of the
        user, with its connection. Changes: nothing of the user. Refuses: by `HookRefusal`; no user
        is made then.
        """
        self.places.user_created.append(self._notify_in("user_created", function))
        return function

    def after_user_created(self, function: _AfterCreated) -> _AfterCreated:
        """Does what may take long or fail, such as a call of a CRM.

        Runs: after the commit and after the response, at most once. Transaction: none. Changes and
        refuses: nothing; an error is logged.
        """
        self.places.after_user_created.append(self._notify_late("after_user_created", function))
        return function

    def before_user_updated(self, function: _BeforeUpdated) -> _BeforeUpdated:
        """Changes a change of a user, like `databaseHooks.user.update.before`.

        Runs: before fields of a user change. Transaction: none. Changes: the fields that it
        returns, by attribute, in addition to those that change. Refuses: by `HookRefusal`.
        """
        self.places.before_user_updated.append(self._change("before_user_updated", function))
        return function

    def user_updated(self, function: _WithUpdate) -> _WithUpdate:
        """Writes what belongs to a change of a user, like `databaseHooks.user.update.after`.

        Runs: after the row of the user changed. Transaction: that of the change, with its
        connection. Changes: nothing of the user. Refuses: by `HookRefusal`; nothing changes then.
        """
        self.places.user_updated.append(self._notify_in("user_updated", function))
        return function

    def after_user_updated(self, function: _OfUpdate) -> _OfUpdate:
        """Does what may take long or fail.

        Runs: after the commit, apart from the request. Transaction: none. Changes and refuses:
        nothing; an error is logged.
        """
        self._after_user_updated.append(self._notify_late("after_user_updated", function))
        return function

    def before_user_deleted(self, function: _OfUser) -> _OfUser:
        """Decides whether a user may be deleted, like `beforeDelete` of Better Auth.

        Runs: before a user is deleted. Transaction: none. Changes: nothing. Refuses: by
        `HookRefusal`.
        """
        self.places.before_user_deleted.append(self._notify("before_user_deleted", function))
        return function

    def user_deleted(self, function: _WithUser) -> _WithUser:
        """Deletes what belongs to a user, like `databaseHooks.user.delete.after`.

        Runs: after the row of the user is deleted. Where sessions are in Redis it also runs in a
        trial that is rolled back. Transaction: that of the deletion, with its connection. Changes:
        nothing. Refuses: by `HookRefusal`; the user stays then.
        """
        self.places.user_deleted.append(self._notify_in("user_deleted", function))
        return function

    def after_user_deleted(self, function: _OfUser) -> _OfUser:
        """Does what may take long or fail, like `afterDelete` of Better Auth.

        Runs: after the commit, apart from the request. Transaction: none. Changes and refuses:
        nothing; an error is logged.
        """
        self._after_user_deleted.append(self._notify_late("after_user_deleted", function))
        return function

    def user_banned(self, function: _WithBan) -> _WithBan:
        """Writes what belongs to a ban, by an administrator or by an operator.

        Runs: after the user is banned or disabled. Transaction: that of the ban, with its
        connection. Changes: nothing. Refuses: by `HookRefusal`; the user is not banned then.
        """
        self.places.user_banned.append(self._notify_in("user_banned", function))
        return function

    def user_unbanned(self, function: _WithUser) -> _WithUser:
        """Writes what belongs to the end of a ban, by an administrator or by an operator.

        Runs: after the ban is lifted or the user is enabled. Transaction: that of the change, with
        its connection. Changes: nothing. Refuses: by `HookRefusal`; the user stays banned then.
        """
        self.places.user_unbanned.append(self._notify_in("user_unbanned", function))
        return function
