"""Files of people for tests, and everything that reads or writes one."""

import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.auth.audit.audit import NoAudit
from app.auth.people.fields import Fields
from app.auth.people.importing import Import, ImportStats
from app.auth.people.rows import RawRow, RefusedRow
from app.auth.people.rules import RowRules
from app.auth.people.writer import Writer
from app.commands.people.csv_table import read_csv
from app.commands.people.json_lines import read_jsonl
from app.commands.people.lines import Lines
from app.commands.people.report import RefusalReport
from app.models.additional_fields import AdditionalField
from app.models.mappers import make_mappers
from app.models.tables import Tables
from app.settings.settings import Settings
from app.storage.database import Database
from tests.auth.passwords.test_foreign_hashes import DJANGO
from tests.auth.passwords.test_foreign_hashes import SCRYPT as FLASK
from tests.auth.passwords.test_hashes import ARGON2ID, BCRYPT, SCRYPT, WEAK
from tests.support.service import SECRET
from tests.support.tables import TABLES

HASHES = {
    "argon2": ARGON2ID,
    "weak": WEAK,
    "bcrypt": BCRYPT,
    "scrypt": SCRYPT,
    "pbkdf2": DJANGO,
    "flask": FLASK["werkzeug"],
}
MOMENT = "2020-01-02T03:04:05.678Z"


def person(email: str = "ada@example.com", **fields: object) -> dict[str, object]:
    return {"email": email, "name": "Ada", **fields}


def jsonl(*people: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in people)


def read(
    content: bytes, *, csv: bool = False, additional: tuple[AdditionalField, ...] = ()
) -> list[RawRow | RefusedRow]:
    lines = Lines(io.BytesIO(content))
    return list(read_csv(lines, Fields(additional)) if csv else read_jsonl(lines))


def values(rows: Iterable[RawRow | RefusedRow]) -> list[object]:
    """The fields of the rows that were read."""
    return [row.fields for row in rows if isinstance(row, RawRow)]


def refusals(rows: Iterable[RawRow | RefusedRow]) -> list[RefusedRow]:
    return [row for row in rows if isinstance(row, RefusedRow)]


class Imported:
    """What came of an import: the stats, and the report's lines."""

    def __init__(self, stats: ImportStats, report: Path) -> None:
        self.stats = stats
        lines = report.read_text().splitlines() if report.exists() else []
        self.report: Sequence[dict[str, object]] = [json.loads(line) for line in lines]

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.stats.imported, self.stats.present, self.stats.refused


async def import_from(
    database: Database,
    content: bytes,
    folder: Path,
    *,
    csv: bool = False,
    dry_run: bool = False,
    settings: Settings | None = None,
    tables: Tables = TABLES,
) -> Imported:
    made = settings or Settings(secret=SECRET)
    mapper = make_mappers(made.additional_fields, database.dialect, tables).user
    path, fields, lines = (
        folder / "refused.jsonl",
        Fields(mapper.additional),
        Lines(io.BytesIO(content)),
    )
    with RefusalReport(path) as report:
        writer = Writer(database, mapper, tables, NoAudit(), dry_run=dry_run)
        work = Import(RowRules(fields, tables), writer, report.add)
        await work.run(read_csv(lines, fields) if csv else read_jsonl(lines), lambda: None)
    return Imported(work.stats, path)
