"""The page that tells what differs is what the suite knows, and the suite leaves nothing out."""

import inspect
import re
from fnmatch import fnmatchcase

import pytest

from app.server.plugins import VARIABLES
from app.settings.better_auth_options import get_variable

from .differences import DIFFERENCES
from .document import PAGE
from .endpoints import of_original, of_ours
from .older import OLDER, plays_along
from .page import TOLD, page, refused_options, uncompared_options
from .scenario import all_scenarios
from .starts import STARTS
from .unseen import UNSEEN


def test_parity_page_is_current() -> None:
    assert PAGE.read_text() == page(), "docs/parity.md is stale: run `make parity-page`"


def test_every_endpoint_of_the_original_is_offered() -> None:
    assert {*map(str, of_original())} - of_ours() == set()


def test_every_endpoint_is_compared() -> None:
    modules = {inspect.getmodule(one.run) for one in all_scenarios()}
    text = "".join(inspect.getsource(module) for module in modules if module is not None)
    missing = {
        str(one)
        for one in of_original()
        if not re.search(re.escape(one.path).replace(r"\{\}", ""), text)
    }
    assert missing == set()


def test_every_option_that_is_offered_is_compared() -> None:
    assert uncompared_options() == []


@pytest.mark.parametrize("option", refused_options())
def test_option_that_is_told_as_refused_is_refused_by_its_name(option: str) -> None:
    plain = option.removesuffix(".*")
    told = f"is Better Auth's {plain}, which this server does not offer: remove it"
    if plain == "plugins":
        told = "names optional plugins, but no optional plugin is installed here: remove it"
    name = get_variable(plain)
    assert VARIABLES.find_objection(name, "x") == f"{name} {told}"


def test_every_difference_can_show() -> None:
    names = [one.name for one in all_scenarios()]
    globs = [glob for d in DIFFERENCES for glob in (d.shows or d.scenarios)]
    assert [g for g in globs if not any(fnmatchcase(name, g) for name in names)] == []


def test_every_difference_of_the_older_version_can_show() -> None:
    beside = [one.name for one in all_scenarios() if plays_along(one, one.engines[0])]
    globs = [glob for row in OLDER for glob in (row.shows or row.scenarios)]
    assert [g for g in globs if not any(fnmatchcase(name, g) for name in beside)] == []


def test_every_difference_is_told_once() -> None:
    told = [one.what for one in (*DIFFERENCES, *UNSEEN, *STARTS, *OLDER)]
    assert sorted(told) == sorted(set(told))
    assert {what for rows in TOLD.values() for what in rows} <= set(told)
