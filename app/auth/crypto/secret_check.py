"""Counts what each secret opens, and encrypts again what an old one opens."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import select, update

from ...settings.settings import Settings
from ...storage.database import Database
from .encryption import Cipher, Undecipherable, read_version
from .secret_uses import EncryptedColumn, SecretUses

_PAGE: Final = 1000  # rows


class SecretState(Struct, frozen=True):
    """A secret. `version` is None for `BETTER_AUTH_SECRET`; `opens` counts texts by their name.

    `is_current`: it signs and encrypts. `is_newer`: it will, when it is the first one.
    `verifies`: what it signed is still accepted.
    """

    version: int | None
    is_current: bool
    is_newer: bool
    verifies: bool
    opens: dict[str, int]


class Unopened(Struct, frozen=True):
    """Texts that no secret of the settings opens."""

    what: str
    count: int
    remedy: str


class SecretReport(Struct, frozen=True):
    """All secrets, the current one first. `signed`: see `SecretUses`."""

    secrets: Sequence[SecretState]
    unopened: Sequence[Unopened]
    signed: dict[str, int]


class SecretCheck:
    """Reads every encrypted text once, in pages."""

    def __init__(self, settings: Settings, database: Database, uses: SecretUses) -> None:
        self._settings = settings
        self._database = database
        self._uses = uses
        self._cipher = Cipher(settings)

    async def count(self) -> SecretReport:
        """Returns what each secret opens. Changes nothing. Raises `StoreUnavailable`."""
        opened: dict[int | None, Counter[str]] = {}
        unopened: Counter[str] = Counter()
        for column in self._uses.encrypted:
            async for _, stored in self._read(column):
                try:
                    version, _ = self._open(column, stored)
                except Undecipherable:
                    unopened[column.what] += not column.is_mixed
                else:
                    opened.setdefault(version, Counter())[column.what] += 1
        remedies = {column.what: column.remedy for column in self._uses.encrypted}
        return SecretReport(
            [self._describe(version, opened.get(version, {})) for version in self._cipher.versions],
            [Unopened(what, count, remedies[what]) for what, count in (+unopened).items()],
            dict(self._uses.signed),
        )

    async def encrypt_again(self) -> Counter[str]:
        """Encrypts with the current secret what an older one encrypted. Returns how many.

        A text that changed meanwhile stays as it is. Raises `StoreUnavailable`.
        """
        done: Counter[str] = Counter()
        for column in self._uses.encrypted:
            async for key, stored in self._read(column):
                try:
                    version, text = self._open(column, stored)
                except Undecipherable:
                    continue
                if version != self._cipher.versions[0]:
                    done[column.what] += await self._replace(column, key, stored, text)
        return +done

    async def _replace(self, column: EncryptedColumn, key: object, stored: str, text: str) -> int:
        sealed = self._cipher.encrypt(text)
        value = msgspec.json.encode(sealed).decode() if column.is_json else sealed
        chosen = update(column.table).where(column.table.c.id == key, column.column == stored)
        async with self._database.begin() as tx:
            return (await tx.execute(chosen.values({column.column: value}))).rowcount

    async def _read(self, column: EncryptedColumn) -> AsyncIterator[tuple[object, str]]:
        ids = column.table.c.id
        page = select(ids, column.column).where(column.column.is_not(None)).order_by(ids)
        if column.where is not None:
            page = page.where(column.where)
        rows = await self._database.read_all(page.limit(_PAGE))
        while rows:
            for key, stored in rows:
                yield key, stored
            rows = await self._database.read_all(page.where(ids > rows[-1][0]).limit(_PAGE))

    def _open(self, column: EncryptedColumn, stored: str) -> tuple[int | None, str]:
        """Returns version and text. Raises `Undecipherable`."""
        try:
            sealed = msgspec.json.decode(stored, type=str) if column.is_json else stored
        except msgspec.DecodeError:
            raise Undecipherable("it is not encrypted") from None
        return read_version(sealed), self._cipher.decrypt(sealed)

    def _describe(self, version: int | None, opens: dict[str, int]) -> SecretState:
        current, versioned = self._cipher.versions[0], self._settings.secrets
        return SecretState(
            version=version,
            is_current=version == current,
            is_newer=version is not None and current is not None and version > current,
            verifies=version is not None or not versioned,
            opens=dict(opens),
        )
