"""Codes of authenticator apps (RFC 6238), like `createOTP` of `@better-auth/utils`."""

from base64 import b32encode
from binascii import Error
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import quote_plus

from pyotp import OTP

from ...auth.crypto.constant_time import is_equal
from ...auth.crypto.encryption import Undecipherable
from ...bridge.encodings import encode_uri_component
from .options import TotpOptions

IMPORTED: Final = "base32:"
_WINDOW: Final = 1  # steps before and after the current one


class CodeGenerator(OTP):
    """Takes short secrets, too, because other providers made some."""

    min_secret_length_bits: ClassVar[int] = 8


class TotpCodes:
    """Checks codes with the number of digits and the seconds of the options."""

    def __init__(self, options: TotpOptions) -> None:
        self._digits = options.digits
        self._period = options.period

    def find_step(self, secret: str, code: str, now: datetime) -> int | None:
        """Returns the time step of a code: the current one, or the one before or after it.

        None for a wrong code. Raises `Undecipherable` for a secret that is not Base32.
        """
        codes = CodeGenerator(encode_secret(secret), digits=self._digits)
        current = int(now.timestamp()) // self._period
        found = None
        for step in range(max(0, current - _WINDOW), current + _WINDOW + 1):
            if is_equal(codes.generate_otp(step).encode(), code.encode("utf-8", "replace")):
                found = step
        return found

    def make_uri(self, secret: str, issuer: str, account: str) -> str:
        """Returns the URI that an app reads from a QR code."""
        label = f"{encode_uri_component(issuer)}:{encode_uri_component(account)}"
        values = {
            "secret": encode_secret(secret),
            "issuer": issuer,
            "digits": str(self._digits),
            "period": str(self._period),
        }
        query = "&".join(f"{name}={_encode_form(value)}" for name, value in values.items())
        return f"otpauth://totp/{label}?{query}"


def encode_secret(secret: str) -> str:
    """Returns a decrypted secret in Base32 without padding, as apps take it.

    The bytes of a generated secret are its characters. An imported one is Base32 after a prefix.
    """
    if not secret.startswith(IMPORTED):
        return b32encode(secret.encode()).decode().rstrip("=")
    imported = secret.removeprefix(IMPORTED).upper().rstrip("=")
    try:
        CodeGenerator(imported)
    except (ValueError, Error):
        raise Undecipherable("it is not Base32") from None
    return imported


def _encode_form(value: str) -> str:
    """Encodes like `URLSearchParams`."""
    return quote_plus(value, safe="*").replace("~", "%7E")
