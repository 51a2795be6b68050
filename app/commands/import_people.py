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
from ..models.tables import make_tables
from ..schema.state import SchemaError
from ..settings.settings import Settings
from .console import load_settings, print_message, run_coroutine
from .database import open_current_database
from .people.atomic_file import FileFault, convert_os_errors
from .people.fields import Fields
from .people.formats import choose_format, read_rows
from .people.importing import Import, ImportStats
from .people.lines import Lines
from .people.progress import ProgressBar
from .people.report import RefusalReport
from .people.rows import UnreadableFile
from .people.rules import RowRules
from .people.writer import Writer

FAULTS = (DatabaseUrlError, FileFault, SchemaError, UnreadableFile)
REFUSED: Final = 3
_STDIN: Final = "-"


class _Source(Struct, frozen=True):
    """The input. `length` is in bytes, None for a stream."""

    file: BinaryIO
    length: int | None


def run(arguments: Namespace) -> int:
    """Imports users. Returns 0 if all are imported, 3 if rows were refused."""
    settings = load_settings()
    with _open_source(arguments.file) as source, _open_report(arguments) as report:
        stats = run_coroutine(_import(settings, arguments, source, report))
    _print_refused(stats, report)
    return REFUSED if stats.refused else 0


async def _import(
    settings: Settings, arguments: Namespace, source: _Source, report: RefusalReport
) -> ImportStats:
    async with open_current_database(settings) as (database, schema):
        tables = make_tables(schema.layout)
        mapper = make_mappers(settings.additional_fields, database.dialect, tables).user
        fields, lines = Fields(mapper.additional), Lines(source.file)
        rows = read_rows(lines, fields, choose_format(arguments.file, arguments.format))
        writer = Writer(database, mapper, tables, dry_run=arguments.dry_run)
        work = Import(RowRules(fields, tables), writer, report)
        try:
            with ProgressBar(source.length) as bar:
                await work.run(rows, lambda: bar.show(lines.position, _describe_stats(work.stats)))
        except UnreadableFile:
            raise
        except BaseException:
            if not arguments.dry_run:
                print_message(f"Stopped: {_describe_progress(work)}. Run it again to continue.")
            raise
    _print_done(work.stats, dry_run=arguments.dry_run)
    if schema.adopted:
        _print_unread_by_node(work.stats)
    return work.stats


@contextmanager
def _open_source(name: str) -> Iterator[_Source]:
    if name == _STDIN:
        yield _Source(sys.stdin.buffer, None)
        return
    path = Path(name)
    with convert_os_errors(path):
        file = path.open("rb")
    with file:
        yield _Source(file, path.stat().st_size if path.is_file() else None)


def _open_report(arguments: Namespace) -> RefusalReport:
    try:
        return RefusalReport(_choose_report_path(arguments))
    except FileFault as fault:
        raise FileFault(
            f"the report cannot be written ({fault}): name another file with --report"
        ) from None


def _choose_report_path(arguments: Namespace) -> Path:
    if arguments.report is None:
        beside = "people" if arguments.file == _STDIN else arguments.file
        return Path(f"{beside}.refused.jsonl")
    path, source = Path(arguments.report), Path(arguments.file)
    if path.exists() and source.exists() and path.samefile(source):
        raise FileFault(f"{path} is the file with the users")
    return path


def _describe_stats(stats: ImportStats) -> str:
    return (
        f"{stats.imported:,} imported, {stats.present:,} existed before, {stats.refused:,} refused"
    )


def _describe_progress(work: Import) -> str:
    unknown = f"; {work.unknown:,} more may be imported, too" if work.unknown else ""
    return f"{_describe_stats(work.stats)}{unknown}"


def _print_done(stats: ImportStats, *, dry_run: bool) -> None:
    _print(f"{'Dry run, nothing is written: ' if dry_run else ''}{_describe_stats(stats)}")
    if stats.hashes:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in stats.hashes.most_common())
        _print(f"Passwords: {counts}")
    if stats.without_password:
        _print(
            f"Without a password: {stats.without_password:,}; they can set one with a reset mail"
        )


def _print_unread_by_node(stats: ImportStats) -> None:
    if unread := stats.hashes.total() - stats.hashes[Kind.SCRYPT]:
        print_message(
            f"{unread:,} hashes are not scrypt: a Node server on this database needs its own"
            f" emailAndPassword.password.verify to read them"
        )


def _print_refused(stats: ImportStats, report: RefusalReport) -> None:
    if stats.refused:
        print_message(*map(str, report.first))
        more = stats.refused - len(report.first)
        print_message(f"{f'{more:,} more; ' if more else ''}all refused rows are in {report.path}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
