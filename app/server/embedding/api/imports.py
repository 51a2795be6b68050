"""The call that imports users."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ....auth.people.rows import RawRow, RefusedRow, RowError
from ....models.additional_fields import Json
from ....models.errors import InvalidBody
from ...operation import make_import
from .arguments import check_flag, check_items, to_json
from .calls import Calls


class ImportReport(Struct, frozen=True):
    """The result of an import. `present` users existed before, and did not change.

    `hashes` counts the imported password hashes by kind.
    """

    imported: int
    present: int
    refused: tuple[RefusedRow, ...]
    without_password: int
    hashes: Mapping[str, int]


class ImportCalls(Calls):
    """The import of users from another system."""

    async def import_users(
        self, people: Iterable[Mapping[str, object]], *, dry_run: bool = False
    ) -> ImportReport:
        """Imports users with their ids and password hashes, as the command `import` does.

        Each mapping has the names of docs/importing.md, such as `email`, `name`, `emailVerified`
        and `passwordHash`. Wrong rows are refused, each with its number, from 1; the others are
        imported, 500 in a transaction. No hooks run, and nothing is mailed. `dry_run` writes
        nothing.

        Raises the codes `VALIDATION_ERROR` and `STORE_UNAVAILABLE`.
        """
        async with self._begin() as container:
            is_dry = check_flag("dry_run", dry_run)
            refused: list[RefusedRow] = []
            work = make_import(container, refused.append, dry_run=is_dry)
            await work.run(_read_rows(check_items("people", people)), lambda: None)
            stats = work.stats
            return ImportReport(
                stats.imported,
                stats.present,
                tuple(refused),
                stats.without_password,
                dict(stats.hashes),
            )


def _read_rows(people: Iterable[object]) -> Iterator[RawRow | RefusedRow]:
    for number, person in enumerate(people, 1):
        if not isinstance(person, Mapping):
            yield RefusedRow(number, None, "is not a mapping")
            continue
        try:
            yield RawRow(number, {name: _read(name, each) for name, each in person.items()})
        except RowError as error:
            yield error.to_refused_row(number)


def _read(name: object, value: object) -> Json:
    if not isinstance(name, str):
        raise RowError(None, f"has a name of the type {type(name).__name__}, not text")
    try:
        return to_json(name, value)
    except InvalidBody as fault:
        raise RowError(name, fault.message.partition("] ")[2]) from None
