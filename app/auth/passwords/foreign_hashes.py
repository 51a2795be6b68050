"""Verifies PBKDF2 and scrypt hashes of Django, Flask and passlib.

Sources: `django.contrib.auth.hashers` 5.2, `werkzeug.security` 3, `passlib.hash` 1.7.
"""

import hashlib
import re
from base64 import b64decode
from typing import Final

from msgspec import Struct

from ..crypto.constant_time import is_equal

PBKDF2_ITERATIONS: Final = 5_000_000  # a second or two
SCRYPT_MEMORY: Final = 256 * 1024 * 1024
SCRYPT_WORK: Final = 2**22  # N times r times p; Better Auth's own is 2**18
_SCRYPT_KEYS: Final = (32, 64)  # bytes that they write; the beginning of a key would fit, too
_TEXT_SALT: Final = r"\$(?P<salt>[^$]+)"
_BINARY: Final = r"\$(?P<salt64>[A-Za-z0-9+/.]+)\$(?P<key64>[A-Za-z0-9+/.]+)"
_KEY: Final = r"\$(?P<key64>[A-Za-z0-9+/]+=*)"
_HEX_KEY: Final = r"\$(?P<hex>[0-9a-f]+)"
_FORMS: Final = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"pbkdf2_(?P<digest>sha1|sha256)\$(?P<n>[1-9]\d{{0,9}}){_TEXT_SALT}{_KEY}",
        rf"pbkdf2:(?P<digest>sha1|sha256|sha512):(?P<n>[1-9]\d{{0,9}}){_TEXT_SALT}{_HEX_KEY}",
        rf"\$pbkdf2(?:-(?P<digest>sha256|sha512))?\$(?P<n>[1-9]\d{{0,9}}){_BINARY}",
        rf"scrypt\$(?P<n>\d{{1,9}}){_TEXT_SALT}\$(?P<r>\d{{1,9}})\$(?P<p>\d{{1,9}}){_KEY}",
        rf"scrypt:(?P<n>\d{{1,9}}):(?P<r>\d{{1,9}}):(?P<p>\d{{1,9}}){_TEXT_SALT}{_HEX_KEY}",
        rf"\$scrypt\$ln=(?P<ln>\d\d?),r=(?P<r>\d{{1,9}}),p=(?P<p>\d{{1,9}}){_BINARY}",
    )
)


class Pbkdf2(Struct, frozen=True):
    """A PBKDF2 hash."""

    digest: str
    iterations: int
    salt: bytes
    key: bytes

    @property
    def problem(self) -> str | None:
        """Returns why it costs too much, or None."""
        if self.iterations <= PBKDF2_ITERATIONS:
            return None
        return f"has {self.iterations} iterations; at most {PBKDF2_ITERATIONS} can be verified"

    @property
    def cost(self) -> str:
        """Returns the parameters that decide the cost."""
        return f"{self.digest} {self.iterations}"

    def matches(self, password: str) -> bool:
        """Whether the password matches. Blocks for the cost of the hash."""
        made = hashlib.pbkdf2_hmac(
            self.digest, password.encode(), self.salt, self.iterations, len(self.key)
        )
        return is_equal(made, self.key)


class Scrypt(Struct, frozen=True):
    """A scrypt hash, not in Better Auth's form."""

    n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    @property
    def problem(self) -> str | None:
        """Returns why it costs too much or is invalid, or None."""
        n, r, p = self.n, self.r, self.p
        if n < 2 or n & (n - 1) or not r or not p:  # noqa: PLR2004  # a power of two above 1
            return f"has parameters that scrypt does not allow: n={n},r={r},p={p}"
        if 128 * n * r > SCRYPT_MEMORY or n * r * p > SCRYPT_WORK:
            return f"wants n={n},r={r},p={p}, which is too much to verify"
        return None

    @property
    def cost(self) -> str:
        """Returns the parameters that decide the cost."""
        return f"{self.n} {self.r} {self.p}"

    def matches(self, password: str) -> bool:
        """Whether the password matches. Blocks for the cost of the hash."""
        made = hashlib.scrypt(
            password.encode(),
            salt=self.salt,
            n=self.n,
            r=self.r,
            p=self.p,
            dklen=len(self.key),
            maxmem=SCRYPT_MEMORY + 128 * 1024 * 1024,
        )
        return is_equal(made, self.key)


def read_foreign(stored: str) -> Pbkdf2 | Scrypt | None:
    """Parses a hash of one of these forms. Returns None for other or damaged text."""
    fields = next((found for form in _FORMS if (found := form.fullmatch(stored))), None)
    if fields is None:
        return None
    named = fields.groupdict()
    try:
        salt = named["salt"].encode() if named.get("salt") else _decode_base64(named["salt64"])
        key = bytes.fromhex(named["hex"]) if named.get("hex") else _decode_base64(named["key64"])
    except ValueError:
        return None
    if "r" not in named:
        digest = named["digest"] or "sha1"
        whole = len(key) == hashlib.new(digest).digest_size
        return Pbkdf2(digest, int(named["n"]), salt, key) if whole else None
    if len(key) not in _SCRYPT_KEYS:
        return None
    n = 1 << int(named["ln"]) if named.get("ln") else int(named["n"])
    return Scrypt(n, int(named["r"]), int(named["p"]), salt, key)


def _decode_base64(text: str) -> bytes:
    """Decodes base64 with or without padding. passlib writes a dot for the plus."""
    bare = text.rstrip("=").replace(".", "+")
    return b64decode(bare + "=" * (-len(bare) % 4), validate=True)
