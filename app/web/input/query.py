"""Reads switches in the query, like the original."""

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
    """Whether a query value is on: JavaScript's `Boolean` of a text, or of a repeated key."""
    return bool(values) and values != [""]
