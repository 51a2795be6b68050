"""Switches in the query, as the original reads them."""

from collections.abc import Sequence
from typing import Annotated

from litestar.params import QueryParameter

SWITCH = "Any text that is not empty switches it on."

DisableRefresh = Annotated[
    list[str] | None, QueryParameter(name="disableRefresh", description=SWITCH)
]
DisableCookieCache = Annotated[
    list[str] | None, QueryParameter(name="disableCookieCache", description=SWITCH)
]


def is_on(values: Sequence[str] | None) -> bool:
    """JavaScript's `Boolean` of the query value: of a text, or of the array that a repeat makes."""
    return bool(values) and values != [""]
