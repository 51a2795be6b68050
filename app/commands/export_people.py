"""`python -m app export`."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from ..auth.restrictions import Restrictions
from ..bridge.database_url import DatabaseUrlError
from ..models.mappers import make_mappers
from ..schema.requirements import SchemaError, count_restricted
from ..settings.settings import Settings
from . import interruptible
from .database import open_current
from .people.atomic_file import Draft, FileFault
from .people.exporting import Export
from .people.formats import CsvTable, JsonLines, form_of
from .people.progress import Bar
from .reading import read_aloud

FAULTS = (DatabaseUrlError, FileFault, SchemaError)
_STDOUT: Final = "-"


def run(arguments: Namespace) -> int:
    """Exports all users to a file or to standard output. Messages go to standard error."""
    settings = read_aloud()
    with _target(arguments.file, replaces=arguments.force) as file:
        interruptible.run(_export(settings, arguments, file))
    return 0


async def _export(settings: Settings, arguments: Namespace, file: BinaryIO) -> None:
    async with open_current(settings) as (database, schema):
        mapper = make_mappers(settings.additional_fields, database.dialect).user
        export = Export(database, mapper, Restrictions(schema.restrictions))
        is_csv = form_of(arguments.file, arguments.format) == "csv"
        people = CsvTable(file, export.names) if is_csv else JsonLines(file)
        done = 0
        with Bar(await export.count()) as bar:
            async for page in export.pages():
                people.add(page)
                done += len(page)
                bar.show(done, f"{done:,} exported")
        people.end()
        _say(f"{done:,} exported with their password hashes: guard it as you guard the database")
        if others := await export.others():
            _say(f"{others:,} accounts of other providers are not in it")
        restricted = await count_restricted(database.read_all, schema.restrictions)
        for mark in export.marks:
            if count := restricted.get(mark):
                _say(f"{count:,} have {mark} set: their rows say so, and import refuses them")


@contextmanager
def _target(name: str, *, replaces: bool) -> Iterator[BinaryIO]:
    if name == _STDOUT:
        yield sys.stdout.buffer
        return
    draft = Draft(Path(name), replaces=replaces)
    try:
        yield draft.file
    except BaseException:
        draft.discard()
        raise
    draft.publish()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
