"""`python -m app export`."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from ..auth.restrictions import Restrictions
from ..bridge.database_url import DatabaseUrlError
from ..models.mappers import make_mappers
from ..models.tables import make_tables
from ..schema.state import SchemaError, count_restricted
from ..settings.settings import Settings
from .console import load_settings, print_message
from .database import open_current_database
from .people.atomic_file import AtomicFile, FileFault
from .people.exporting import Export
from .people.formats import Format, choose_format, create_writer
from .people.progress import ProgressBar

FAULTS = (DatabaseUrlError, FileFault, SchemaError)
_STDOUT: Final = "-"


def run(*, file: str, force: bool, form: Format | None) -> int:
    """Exports all users to a file or to standard output. Messages go to standard error."""
    settings = load_settings()
    with _open_target(file, replaces=force) as target:
        asyncio.run(_export(settings, choose_format(file, form), target))
    return 0


async def _export(settings: Settings, form: Format, file: BinaryIO) -> None:
    async with open_current_database(settings) as (database, schema):
        tables = make_tables(schema.layout)
        mapper = make_mappers(settings.additional_fields, database.dialect, tables).user
        restrictions = Restrictions(
            schema.restrictions, mapper.table, tables.layout.describe_table("user")
        )
        export = Export(database, mapper, restrictions, tables)
        writer = create_writer(file, export.names, form)
        done = 0
        with ProgressBar(await export.count()) as bar:
            async for page in export.read_pages():
                writer.add(page)
                done += len(page)
                bar.show(done, f"{done:,} exported")
        writer.flush()
        print_message(
            f"{done:,} exported with their password hashes: protect the file like the database"
        )
        if others := await export.count_others():
            print_message(f"{others:,} accounts of other providers are not in it")
        restricted = await count_restricted(database.read_all, schema.layout, schema.restrictions)
        for mark in export.marks:
            if count := restricted.get(mark):
                print_message(f"{count:,} have {mark} set: import refuses their rows")


@contextmanager
def _open_target(name: str, *, replaces: bool) -> Iterator[BinaryIO]:
    if name == _STDOUT:
        yield sys.stdout.buffer
        return
    target = AtomicFile(Path(name), replaces=replaces)
    try:
        yield target.file
    except BaseException:
        target.discard()
        raise
    target.publish()
