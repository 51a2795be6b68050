"""Hashes that functions of users make and verify, in place of ours."""

from secrets import token_hex

from ..hooks import Hooks


class OwnHashes:
    """The hooks `hash_password` and `verify_password`, as far as there are any."""

    def __init__(self, hooks: Hooks) -> None:
        self._hash = hooks.hash_password
        self._verify = hooks.verify_password
        self._decoy: str | None = None

    @property
    def makes(self) -> bool:
        """Whether a function makes new hashes."""
        return bool(self._hash)

    @property
    def verifies(self) -> bool:
        """Whether a function is asked first about each hash."""
        return bool(self._verify)

    async def hash(self, password: str) -> str:
        """Returns a hash to store. Raises what the function raises."""
        return await self._hash[0](password)

    async def verify(self, password: str, stored: str) -> bool | None:
        """Returns None for a hash that is not one of the function. Raises what it raises."""
        return await self._verify[0](password, stored)

    async def find_decoy(self) -> str | None:
        """Returns a hash of a password that nobody knows, None if no function makes hashes."""
        if self._decoy is None and self._hash:
            self._decoy = await self.hash(token_hex())
        return self._decoy
