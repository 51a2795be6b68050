"""The page that tells what differs is what the suite knows, and the suite leaves nothing out."""

import inspect
import re
from fnmatch import fnmatchcase

from .differences import DIFFERENCES
from .document import PAGE
from .endpoints import of_original, of_ours
from .page import TOLD, page, uncompared_options
from .scenario import all_scenarios
from .unseen import UNSEEN


def test_parity_page_is_current() -> None:
    assert PAGE.read_text() == page(), "docs/parity.md is stale: run `make parity`"


def test_every_endpoint_of_the_original_is_offered() -> None:
    assert set(of_original()) - set(of_ours()) == set()


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


def test_every_difference_can_show() -> None:
    names = [one.name for one in all_scenarios()]
    globs = [glob for d in DIFFERENCES for glob in (d.shows or d.scenarios)]
    assert [g for g in globs if not any(fnmatchcase(name, g) for name in names)] == []


def test_every_difference_is_told_once() -> None:
    told = [*(one.what for one in DIFFERENCES), *(one.what for one in UNSEEN)]
    assert sorted(told) == sorted(set(told))
    assert {what for rows in TOLD.values() for what in rows} <= set(told)
