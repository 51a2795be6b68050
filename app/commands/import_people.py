"""`python -m app import`."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from ..auth.passwords.hashes import Kind
from ..bridge.database_url import DatabaseUrlError
from ..models.mappers import make_mappers
from ..schema.requirements import SchemaError
from ..settings.settings import Settings
from . import interruptible
from .database import open_current
from .people.atomic_file import FileFault, faults_of
from .people.csv_table import read_csv
from .people.fields import Fields
from .people.formats import form_of
from .people.importing import Import, Tally
from .people.json_lines import read_jsonl
from .people.lines import Lines
from .people.progress import Bar
from .people.report import Report
from .people.rows import UnreadableFile
from .people.rules import Rules
from .people.writer import Writer
from .reading import read_aloud

FAULTS = (DatabaseUrlError, FileFault, SchemaError, UnreadableFile)
REFUSED: Final = 3
_STDIN: Final = "-"


class _Source(Struct, frozen=True):
    """The input. `length` is in bytes, None for a stream."""

    file: BinaryIO
    length: int | None


def run(arguments: Namespace) -> int:
    """Imports users. Returns 0 if all are imported, 3 if rows were refused."""
    settings = read_aloud()
    with _opened(arguments.file) as source, _report(arguments) as report:
        tally = interruptible.run(_import(settings, arguments, source, report))
    _print_refused(tally, report)
    return REFUSED if tally.refused else 0


async def _import(
    settings: Settings, arguments: Namespace, source: _Source, report: Report
) -> Tally:
    async with open_current(settings) as (database, schema):
        mapper = make_mappers(settings.additional_fields, database.dialect).user
        fields, lines = Fields(mapper.additional), Lines(source.file)
        is_csv = form_of(arguments.file, arguments.format) == "csv"
        rows = read_csv(lines, fields) if is_csv else read_jsonl(lines)
        work = Import(Rules(fields), Writer(database, mapper, dry_run=arguments.dry_run), report)
        try:
            with Bar(source.length) as bar:
                await work.run(rows, lambda: bar.show(lines.position, _brief(work.tally)))
        except UnreadableFile:
            raise
        except BaseException:
            if not arguments.dry_run:
                _say(f"Stopped: {_so_far(work)}. Run it again, and it goes on from there.")
            raise
    _print_done(work.tally, dry_run=arguments.dry_run)
    if schema.adopted:
        _print_unread_by_node(work.tally)
    return work.tally


@contextmanager
def _opened(name: str) -> Iterator[_Source]:
    if name == _STDIN:
        yield _Source(sys.stdin.buffer, None)
        return
    path = Path(name)
    with faults_of(path):
        file = path.open("rb")
    with file:
        yield _Source(file, path.stat().st_size if path.is_file() else None)


def _report(arguments: Namespace) -> Report:
    try:
        return Report(_report_path(arguments))
    except FileFault as fault:
        raise FileFault(f"the report can't be made ({fault}): name its file by --report") from None


def _report_path(arguments: Namespace) -> Path:
    if arguments.report is None:
        beside = "people" if arguments.file == _STDIN else arguments.file
        return Path(f"{beside}.refused.jsonl")
    path, source = Path(arguments.report), Path(arguments.file)
    if path.exists() and source.exists() and path.samefile(source):
        raise FileFault(f"{path} is the file of people")
    return path


def _brief(tally: Tally) -> str:
    return (
        f"{tally.imported:,} imported, {tally.present:,} were there before,"
        f" {tally.refused:,} refused"
    )


def _so_far(work: Import) -> str:
    unknown = f"; {work.unknown:,} more may be imported, too" if work.unknown else ""
    return f"{_brief(work.tally)}{unknown}"


def _print_done(tally: Tally, *, dry_run: bool) -> None:
    _print(f"{'Dry run, nothing is written: ' if dry_run else ''}{_brief(tally)}")
    if tally.hashes:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in tally.hashes.most_common())
        _print(f"Passwords: {counts}")
    if tally.without_password:
        _print(f"Without a password: {tally.without_password:,}; a reset by mail gives them one")


def _print_unread_by_node(tally: Tally) -> None:
    if unread := tally.hashes.total() - tally.hashes[Kind.SCRYPT]:
        _say(
            f"{unread:,} hashes are not scrypt: a Node server on this database needs"
            " emailAndPassword.password.verify of its own to read them"
        )


def _print_refused(tally: Tally, report: Report) -> None:
    if tally.refused:
        _say(*map(str, report.first))
        more = tally.refused - len(report.first)
        _say(f"{f'{more:,} more; ' if more else ''}all refused rows are in {report.path}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _say(*lines: str) -> None:
    sys.stderr.writelines(f"{line}\n" for line in lines)
