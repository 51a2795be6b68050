"""Asks whether a password is in a known breach, by the first five characters of its SHA-1."""

import hashlib
import logging
import re
import ssl
from functools import cached_property
from typing import Final

import httpx

from ...models.telemetry.log_events import log_event
from .errors import PasswordNotChecked

_log: Final = logging.getLogger("better_auth.have_i_been_pwned")
_SECONDS: Final = 5.0  # a sign-up waits so long, and is refused then
_HEADERS: Final = {"Add-Padding": "true", "User-Agent": "BetterAuth Password Checker"}
_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


class RangeApi:
    """The range API of Have I Been Pwned, which learns five characters of the hash.

    Source: `isPasswordCompromised`, Better Auth 1.7.25.
    """

    def __init__(self, url: str) -> None:
        self._url = url if url.endswith("/") else f"{url}/"

    async def is_compromised(self, password: str) -> bool:
        """Whether the password is in a breach.

        Raises PasswordNotChecked if the API cannot be asked, or its answer cannot be read.
        """
        digest = hashlib.sha1(_encode(password), usedforsecurity=False).hexdigest().upper()
        text = await self._fetch(digest[:5])
        count = _find_count(text, f"{digest[5:]}:")
        if count is None:
            _log_fault("the answer has no count")
            raise PasswordNotChecked(PasswordNotChecked.message)
        return count > 0

    async def _fetch(self, prefix: str) -> str:
        try:
            async with httpx.AsyncClient(
                verify=self._tls, timeout=_SECONDS, headers=_HEADERS, follow_redirects=True
            ) as client:
                response = await client.get(self._url + prefix)
        except httpx.HTTPError as fault:
            _log_fault(str(fault) or type(fault).__name__)
            raise PasswordNotChecked(PasswordNotChecked.message) from fault
        if not response.is_success:
            _log_fault(f"status {response.status_code}")
            raise PasswordNotChecked(f"Failed to check password. Status: {response.status_code}")
        return response.text

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made once: to read the certificates takes longer than to ask."""
        return ssl.create_default_context()


def _find_count(text: str, beginning: str) -> int | None:
    """Returns the count in the line that begins so, 0 without one. None if it is no number."""
    for line in text.splitlines():
        if line[: len(beginning)].upper() == beginning:
            count = line[len(beginning) :]
            return int(count) if _COUNT.fullmatch(count) else None
    return 0


def _encode(password: str) -> bytes:
    """Encodes as JavaScript's TextEncoder does: a lone surrogate becomes U+FFFD."""
    return password.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _log_fault(reason: str) -> None:
    log_event(_log, "password not checked for breaches", logging.ERROR, reason=reason)
