"""The registry of hooks: `auth.hooks`, and what `register(hooks)` gets."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ...mail.mailer import Message
from ...models.records import User
from .calls import HookCall, Notification
from .connection import HookConnection
from .session_hooks import SessionHooks
from .user_hooks import UserHooks

_OfUser = TypeVar("_OfUser", bound=Callable[[User], Awaitable[None] | None])
_WithId = TypeVar(
    "_WithId",
    bound=Callable[[str, AsyncConnection], Awaitable[None]] | Callable[[str, HookConnection], None],
)
_Check = TypeVar("_Check", bound=Callable[[str, str], Awaitable[None] | None])
_Hash = TypeVar("_Hash", bound=Callable[[str], Awaitable[str] | str])
_Verify = TypeVar("_Verify", bound=Callable[[str, str], Awaitable[bool | None] | bool | None])
_Send = TypeVar("_Send", bound=Callable[[Message], Awaitable[None] | None])


class HookRegistry(UserHooks, SessionHooks):
    """All hooks. Each method registers a function, by a call or as a decorator.

    A function may be async or plain; a plain one runs in a thread. Several functions of one hook
    run in the order in which they are registered. Register all of them before the service starts.
    """

    def before_email_verification(self, function: _OfUser) -> _OfUser:
        """Decides whether an address may count as verified: `beforeEmailVerification`.

        Runs: before an address is verified, by a link or a code. Transaction: none. Changes:
        nothing. Refuses: by `HookRefusal`.
        """
        self.places.before_email_verified.append(
            self._notify("before_email_verification", function)
        )
        return function

    def after_email_verification(self, function: _OfUser) -> _OfUser:
        """Does what follows the proof of an address: `afterEmailVerification`.

        Runs: after the commit, before the response. Transaction: none. Changes: nothing. Refuses:
        by `HookRefusal`; the address stays verified.
        """
        self.places.after_email_verified.append(self._notify("after_email_verification", function))
        return function

    def on_password_reset(self, function: _OfUser) -> _OfUser:
        """Does what follows a reset of a password: `onPasswordReset`.

        Runs: after the commit, before the response. Transaction: none. Changes: nothing. Refuses:
        by `HookRefusal`; the password stays changed.
        """
        self.places.on_password_reset.append(self._notify("on_password_reset", function))
        return function

    def on_existing_user_sign_up(self, function: _OfUser) -> _OfUser:
        """Does what follows a sign-up with an address that somebody has: `onExistingUserSignUp`.

        Runs: after the response, only where that response does not say who has an account.
        Transaction: none. Changes and refuses: nothing; an error is logged.
        """
        self.places.on_existing_user_sign_up.append(
            self._notify_late("on_existing_user_sign_up", function)
        )
        return function

    def check_new_password(self, function: _Check) -> _Check:
        """Decides whether somebody may have a new password. It gets the password and the path.

        Runs: before the hash of a password that somebody chose at an endpoint, such as
        `/sign-up/email`. Transaction: none. Changes: nothing. Refuses: by `HookRefusal`.
        """
        self.places.check_new_password.append(self._notify("check_new_password", function))
        return function

    def password_changed(self, function: _WithId) -> _WithId:
        """Writes what belongs to a change of a password. It gets the id of the user.

        Runs: after the new hash is stored. Transaction: that of the change, with its connection.
        Changes: nothing. Refuses: by `HookRefusal`; the old password stays then.
        """
        self.places.password_changed.append(self._notify_in("password_changed", function))
        return function

    def hash_password(self, function: _Hash) -> _Hash:
        """Makes the hash of a password, like `emailAndPassword.password.hash`. Only one function.

        Runs: wherever a hash is made. Needs `verify_password`. Transaction: none. Changes: it
        returns the text to store.
        """
        self._check_only("hash_password", function)
        call = HookCall("hash_password", function, self._hash_threads)
        self.places.hash_password.append(partial(_hash, call))
        return function

    def verify_password(self, function: _Verify) -> _Verify:
        """Verifies a password, like `emailAndPassword.password.verify`. Only one function.

        It gets the password and the stored hash. It returns None for a hash that it did not make:
        the service verifies that one, so existing hashes stay valid. Transaction: none.
        """
        self._check_only("verify_password", function)
        call = HookCall("verify_password", function, self._hash_threads)
        self.places.verify_password.append(partial(_verify, call))
        return function

    def send_mail(self, function: _Send) -> _Send:
        """Sends a mail, in place of SMTP: `sendResetPassword` and the like. Only one function.

        Runs: after the response. An error is logged, and the function is called again later: after
        1 s, 5 s, 30 s, 2 min and 10 min. A `HookRefusal` ends the attempts. Transaction: none.
        """
        self._check_only("send_mail", function)
        self.places.send_mail.append(Notification("send_mail", function, self._threads))
        return function


async def _hash(call: HookCall, password: str) -> str:
    hashed = await call.run(password)
    if not isinstance(hashed, str) or not hashed:
        raise call.fail(f"returned {type(hashed).__name__}, not a hash")
    return hashed


async def _verify(call: HookCall, password: str, stored: str) -> bool | None:
    matches = await call.run(password, stored)
    if matches is not None and not isinstance(matches, bool):
        raise call.fail(f"returned {type(matches).__name__}, not a bool or None")
    return matches
