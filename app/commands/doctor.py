"""`python -m app doctor`."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from ..server.doctor.examination import Examination
from ..server.doctor.finding import Finding, Result
from ..server.plugins import VARIABLES, read_settings
from ..settings.environment import SettingsError
from ..settings.secret_files import list_secret_files
from .output import make_printable, print_rows

FAULTS: tuple[type[Exception], ...] = ()
_CHECK_WIDTH: Final = 14
_RESULT_WIDTH: Final = 11
_REST: Final = "everything else: correct the settings first"


def run(*, url: str | None, as_json: bool) -> int:
    """Prints a line for each finding. Returns 1 if anything is wrong."""
    return asyncio.run(_print_all(url, as_json=as_json))


async def _print_all(url: str | None, *, as_json: bool) -> int:
    counted: Counter[Result] = Counter()
    async for finding in _inspect(url):
        counted[finding.result] += 1
        if as_json:
            print_rows([finding], as_json=True)
        else:
            sys.stdout.write(f"{make_printable(_describe(finding))}\n")
        sys.stdout.flush()
    if not as_json:
        sys.stdout.write(f"{_format_sum(counted)}\n")
    return 1 if counted[Result.WRONG] else 0


async def _inspect(url: str | None) -> AsyncIterator[Finding]:
    notices: list[str] = []
    try:
        settings = read_settings(notices=notices)
    except SettingsError as fault:
        for line in fault.lines:
            yield Finding("settings", Result.WRONG, line)
        yield Finding("settings", Result.UNCHECKED, _REST)
        return
    for line in notices:
        yield Finding("settings", Result.WARNING, line)
    if not notices:
        yield Finding("settings", Result.OK, "every variable is known and in its range")
    async for finding in Examination(settings, [*list_secret_files(VARIABLES)], url).run():
        yield finding


def _describe(finding: Finding) -> str:
    remedy = f": {finding.remedy}" if finding.remedy else ""
    start = f"{finding.result:{_RESULT_WIDTH}}  {finding.check:{_CHECK_WIDTH}}"
    return f"{start}  {finding.line}{remedy}"


def _format_sum(counted: Counter[Result]) -> str:
    wrong, warnings = counted[Result.WRONG], counted[Result.WARNING]
    if not wrong and not warnings:
        return "Nothing is wrong."
    words = [f"{wrong} wrong"] if wrong else []
    words += [f"{warnings} {'warning' if warnings == 1 else 'warnings'}"] if warnings else []
    return f"{', '.join(words)}."
