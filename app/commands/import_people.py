"""`python -m app import`."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from ..auth.passwords.hashes import Kind
from ..auth.people.fields import Fields
from ..auth.people.importing import Import, ImportStats
from ..auth.people.rows import UnreadableFile
from ..bridge.database_url import DatabaseUrlError
from ..schema.state import SchemaError
from ..server.operation import make_import
from ..settings.settings import Settings
from .console import allow_interrupted_reads, load_settings, print_message
from .database import open_container
from .people.atomic_file import FileFault, convert_os_errors
from .people.formats import Format, choose_format, read_rows
from .people.lines import Lines
from .people.progress import ProgressBar
from .people.report import RefusalReport

FAULTS = (DatabaseUrlError, FileFault, SchemaError, UnreadableFile)
REFUSED: Final = 3
_STDIN: Final = "-"


class _Source(Struct, frozen=True):
    """The input. `length` is in bytes, None for a stream."""

    file: BinaryIO
    length: int | None


def run(*, file: str, dry_run: bool, report: str | None, form: Format | None) -> int:
    """Imports users. Returns 0 if all are imported, 3 if rows were refused."""
    settings = load_settings()
    with _open_source(file) as source, _open_report(file, report) as refused:
        form = choose_format(file, form)
        stats = asyncio.run(_import(settings, source, refused, form, dry_run=dry_run))
    _print_refused(stats, refused)
    return REFUSED if stats.refused else 0


async def _import(
    settings: Settings, source: _Source, report: RefusalReport, form: Format, *, dry_run: bool
) -> ImportStats:
    async with open_container(settings, needs_redis=False) as container:
        fields, lines = Fields(container.mappers.user.additional), Lines(source.file)
        rows = read_rows(lines, fields, form)
        work = make_import(
            container, report.add, dry_run=dry_run, around_reads=allow_interrupted_reads
        )
        try:
            with ProgressBar(source.length) as bar:
                await work.run(rows, lambda: bar.show(lines.position, _describe_stats(work.stats)))
        except UnreadableFile:
            raise
        except BaseException:
            if not dry_run:
                print_message(f"Stopped: {_describe_progress(work)}. Run it again to continue.")
            raise
    _print_done(work.stats, dry_run=dry_run)
    if container.schema.adopted:
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


def _open_report(file: str, report: str | None) -> RefusalReport:
    try:
        return RefusalReport(_choose_report_path(file, report))
    except FileFault as fault:
        raise FileFault(
            f"the report cannot be written ({fault}): name another file with --report"
        ) from None


def _choose_report_path(file: str, report: str | None) -> Path:
    if report is None:
        beside = "people" if file == _STDIN else file
        return Path(f"{beside}.refused.jsonl")
    path, source = Path(report), Path(file)
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
