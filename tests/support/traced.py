"""What `make coverage` needs of the processes that it traces."""

import sys
import weakref
from importlib import import_module
from typing import Any


class _QuietDictionary(weakref.WeakKeyDictionary[Any, Any]):
    """Forgets a key without running a function of Python."""

    def __init__(self, dict: Any = None) -> None:  # noqa: A002
        super().__init__(dict)
        self._remove = vars(self)["data"].pop  # called with the reference that died


def let_threads_end() -> None:
    """Keeps a traced process from standing still when two threads end at the same time.

    Each tracer of coverage keeps greenlets in a WeakKeyDictionary. greenlet ends those of a dead
    thread in a pending call, and CPython 3.11 never leaves a traced function that runs in one
    while the next one waits.
    """
    if _running() is not None:
        weakref.WeakKeyDictionary = _QuietDictionary  # type: ignore[misc]  # coverage takes it there


def save() -> None:
    """For a process that ends without the interpreter's own end."""
    if running := _running():
        running.save()


def _running() -> Any:
    """The Coverage of this process; None where nothing is measured."""
    return import_module("coverage").Coverage.current() if "coverage" in sys.modules else None
