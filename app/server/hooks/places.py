"""What all parts of the registry need: the lists of functions, and how one is added."""

import inspect
from collections.abc import Sequence
from typing import Final

from msgspec import structs

from ...auth.background_tasks import BackgroundTasks
from ...auth.hooks import Hooks
from ...settings.environment import SettingsError
from ...settings.settings import Settings
from ...settings.system import count_cores
from .calls import AfterCommit, Change, Function, LateNotification, Notification
from .daemon_threads import DaemonThreads

THREADS: Final = 32  # of plain functions in each pool; they often wait for another server


class HookPlaces:
    """The functions that are registered, in `places` as the flows call them."""

    def __init__(self) -> None:
        self.places: Final = Hooks()
        self._threads: Final = DaemonThreads(THREADS, "hook")
        # Who holds a transaction, such as SQLite's only writer, must not wait for who may be slow.
        self._tx_threads: Final = DaemonThreads(THREADS, "hook in transaction")
        self._late_threads: Final = DaemonThreads(THREADS, "hook after commit")
        self._hash_threads: Final = DaemonThreads(count_cores(), "password hook")
        self._names: Final[list[str]] = []
        self._is_closed = False
        self._after_user_updated: Final[list[LateNotification]] = []
        self._after_user_deleted: Final[list[LateNotification]] = []
        self._after_session_created: Final[list[LateNotification]] = []
        self._after_session_deleted: Final[list[LateNotification]] = []

    def list_names(self) -> Sequence[str]:
        """Returns the name of the hook for each function that is registered, in order."""
        return self._names

    def note_mail_hook(self, settings: Settings) -> Settings:
        """Returns settings that say whether a hook sends mails."""
        sends = bool(self.places.send_mail)
        if settings.mails_by_hook == sends:
            return settings
        return structs.replace(settings, mails_by_hook=sends)

    def find_fault(self) -> str | None:
        """Returns why these functions cannot work together, None if they can."""
        if self.places.hash_password and not self.places.verify_password:
            return "hash_password is registered without verify_password, so nobody could sign in"
        return None

    def bind(self, background: BackgroundTasks) -> Hooks:
        """Returns all functions for one service. From now on no other can be registered.

        What runs after a commit runs in `background`. Raises `SettingsError`.
        """
        if fault := self.find_fault():
            raise SettingsError((fault,))
        self._is_closed = True
        bound = Hooks()
        bound.extend(self.places)
        for waiting, flow in (
            (self._after_user_updated, bound.user_updated),
            (self._after_user_deleted, bound.user_deleted),
            (self._after_session_created, bound.session_created),
            (self._after_session_deleted, bound.session_deleted),
        ):
            flow.extend(AfterCommit(each, background) for each in waiting)
        return bound

    def _notify(self, name: str, function: Function) -> Notification:
        self._check(name, function)
        return Notification(name, function, self._threads)

    def _notify_in(self, name: str, function: Function) -> Notification:
        """Returns a hook that runs in a transaction."""
        self._check(name, function)
        return Notification(name, function, self._tx_threads)

    def _notify_late(self, name: str, function: Function) -> LateNotification:
        self._check(name, function)
        return LateNotification(name, function, self._late_threads)

    def _change(self, name: str, function: Function) -> Change:
        self._check(name, function)
        return Change(name, function, self._threads)

    def _check(self, name: str, function: Function) -> None:
        if not callable(function):
            raise TypeError(f"{name} needs a function, not {function!r}")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{name} needs a function without yield: {function!r} would not run")
        if self._is_closed:
            raise RuntimeError(f"{name}: register hooks before the service starts")
        self._names.append(name)

    def _check_only(self, name: str, function: Function) -> None:
        if name in self._names:
            raise ValueError(f"{name} is registered already, and there can be only one")
        self._check(name, function)
