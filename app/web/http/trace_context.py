"""The trace that a request belongs to: `traceparent` of W3C Trace Context, 3.2."""

import re
from typing import Final

_TRACEPARENT: Final = re.compile(
    rb"([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)


def find_trace_id(traceparent: bytes) -> str | None:
    """Returns the id of the trace. None for a malformed header."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or found[1] == b"ff" or (found[1] == b"00" and found[3] is not None):
        return None
    return found[2].decode()
