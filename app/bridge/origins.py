"""Which pages may call an API with their browser's cookies.

A browser adds the cookie to whatever request a page makes, also one of a stranger's page, and says
in `Origin` which page it is: always where the request may change something, or opens a WebSocket.
"""

import re
from collections.abc import Iterable
from typing import Final

from .errors import ForeignOrigin
from .presented import Presented

_LONGEST: Final = 512  # characters of an origin that is held against patterns
_ANY: Final = r"[^/\\]"
# As browsers write one: no user, path or query, and nothing that can't be in a URL's host.
_HOST: Final = r"\[[0-9a-f:]+\]|[^\x00- A-Z#%/:<>?@\[\\\]^|\x7f-\U0010ffff]+"
_SERIALISED: Final = re.compile(rf"https?://(?P<host>(?:{_HOST})(?::[0-9]+)?)")


class TrustedOrigins:
    """Origins, and patterns of them, as Better Auth's `trustedOrigins` has them.

    `https://app.example` is that origin alone; in `https://*.example` and `*.example:*`, which
    holds for any scheme, `*` is any run and `?` any one character of a host.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        patterns = [pattern for pattern in origins if pattern not in ("", "null")]
        wild = [pattern for pattern in patterns if "*" in pattern or "?" in pattern]
        self._exact = frozenset(patterns) - frozenset(wild)
        self._whole = [_compiled(pattern) for pattern in wild if "://" in pattern]
        self._hosts = [_compiled(pattern) for pattern in wild if "://" not in pattern]

    def check(self, presented: Presented) -> None:
        """Raises ForeignOrigin where a request comes from a page that is not trusted."""
        if not all(self._trusts(origin) for origin in presented.origins):
            raise ForeignOrigin

    def _trusts(self, origin: str) -> bool:
        if origin in self._exact:
            return True
        found = _SERIALISED.fullmatch(origin) if len(origin) <= _LONGEST else None
        if found is None:
            return False
        whole = any(pattern.fullmatch(origin) for pattern in self._whole)
        return whole or any(pattern.fullmatch(found["host"]) for pattern in self._hosts)


def _compiled(pattern: str) -> re.Pattern[str]:
    runs = re.split(r"(\*+|\?)", pattern)
    wild = {"*": f"{_ANY}*", "?": _ANY}
    return re.compile("".join(wild[run[0]] if run[:1] in wild else re.escape(run) for run in runs))
