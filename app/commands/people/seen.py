"""The addresses and ids that were already in the file. They are stored on disk."""

import sqlite3
from typing import Final, Self

from .rows import Flaw
from .rules import Person

_TEMPORARY: Final = ""  # SQLite deletes such a file itself


class Seen:
    """Finds duplicates: of two rows with one address or id the first counts. Close it."""

    def __init__(self) -> None:
        self._kept = sqlite3.connect(_TEMPORARY, isolation_level=None)
        self._kept.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INT) WITHOUT ROWID")
        self._kept.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def note(self, person: Person) -> None:
        """Remembers a row. Raises `Flaw` for the second one with an address or an id."""
        self._refuse("email", person.email)
        if person.keeps_id:
            self._refuse("id", person.id)
            self._add("id", person)
        self._add("email", person)

    def _refuse(self, field: str, value: str) -> None:
        found = self._kept.execute("SELECT line FROM seen WHERE key = ?", (f"{field}:{value}",))
        if row := found.fetchone():
            raise Flaw(field, f"is that of line {row[0]}")

    def _add(self, field: str, person: Person) -> None:
        value = person.email if field == "email" else person.id
        self._kept.execute("INSERT INTO seen VALUES (?, ?)", (f"{field}:{value}", person.line))
