"""Signatures of cookie values and bearer tokens: HMAC-SHA256, as better-call 1.4.5 writes them."""

import hmac
from binascii import b2a_base64
from typing import Final

from ...settings.settings import Settings
from .constant_time import is_equal

_LENGTH: Final = 44  # characters of a digest in base64


class Signatures:
    """Signs with the current secret and verifies with the former ones, too."""

    def __init__(self, settings: Settings) -> None:
        secrets = settings.current_and_former_secrets
        self._all = [hmac.new(s.encode(), digestmod="sha256") for s in secrets]
        self._keyed, *self._formerly = self._all
        self._newest = settings.signs_with_newest_secret

    def sign(self, value: str) -> str:
        """`value.signature`: in padded standard base64, not percent-encoded."""
        return f"{value}.{_sign(value, self._keyed).decode()}"

    def verify(self, signed_value: str) -> str | None:
        """The value before the last dot, if the signature after it is ours, under any secret."""
        value, _, signature = signed_value.rpartition(".")
        if not value or len(signature) != _LENGTH:
            return None
        sent = signature.encode()
        for keyed in self._all:
            if is_equal(_sign(value, keyed), sent):
                return value
        return None

    def is_outdated(self, signed_value: str, value: str | None) -> bool:
        """Whether a verified signature is to be replaced: it is an older secret's."""
        if not self._formerly or value is None or not self._newest:
            return False
        return not is_equal(self.sign(value).encode(), signed_value.encode())


def _sign(value: str, keyed: hmac.HMAC) -> bytes:
    mac = keyed.copy()  # half the time of beginning with the key
    mac.update(value.encode())
    return b2a_base64(mac.digest(), newline=False)
