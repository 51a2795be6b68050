"""Codes for the day when the second factor is lost, stored like Better Auth 1.7.25."""

from collections.abc import Sequence
from typing import Final

from msgspec import DecodeError, json

from ...auth.crypto.constant_time import is_equal
from ...auth.crypto.encryption import Cipher, Undecipherable
from ...models.identifiers import generate_id
from .options import BackupCodeOptions

_HALF: Final = 5  # characters before the hyphen


class BackupCodes:
    """Makes, stores and compares backup codes."""

    def __init__(self, options: BackupCodeOptions, cipher: Cipher) -> None:
        self._options = options
        self._cipher = cipher

    def generate(self) -> list[str]:
        """Returns new codes, such as `Ab3dE-fG7hJ`."""
        drawn = [generate_id(self._options.length) for _ in range(self._options.amount)]
        return [f"{code[:_HALF]}-{code[_HALF:]}" for code in drawn]

    def seal(self, codes: Sequence[str]) -> str:
        """Returns the text that is stored."""
        text = json.encode(codes).decode()
        is_encrypted = self._options.store_backup_codes == "encrypted"
        return self._cipher.encrypt(text) if is_encrypted else text

    def open(self, stored: str) -> list[str]:
        """Returns the stored codes. Raises `Undecipherable`."""
        is_encrypted = self._options.store_backup_codes == "encrypted"
        text = self._cipher.decrypt(stored) if is_encrypted else stored
        try:
            return json.decode(text, type=list[str])
        except DecodeError:
            raise Undecipherable("it is not a list of codes") from None

    def find_others(self, codes: Sequence[str], code: str) -> list[str] | None:
        """Returns the codes that are left after this one is used. None if it is none of them."""
        sent = code.encode("utf-8", "replace")
        others = [each for each in codes if not is_equal(each.encode(), sent)]
        return others if len(others) < len(codes) else None
