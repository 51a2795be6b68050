import re
from pathlib import Path

from msgspec import NODEFAULT

from app.server.plugins import VARIABLES
from app.settings.parsing import parse_value

TEXT = (Path(__file__).parents[2] / ".env.example").read_text()
ENTRIES = re.findall(r"^(#?)([A-Z0-9_]+)=(.*)$", TEXT, re.MULTILINE)


def test_every_setting_is_listed_once_and_nothing_else() -> None:
    names = [name for _, name, _ in ENTRIES if not name.endswith("_FILE")]
    missing, unknown = VARIABLES.options.keys() - set(names), set(names) - VARIABLES.options.keys()
    assert not missing, f"add to .env.example, as its other lines are: {sorted(missing)}"
    assert not unknown, f"remove from .env.example: {sorted(unknown)}"
    assert sorted(names) == sorted(VARIABLES.options)


def test_every_default_is_the_real_one() -> None:
    stated = {name: _value(name, text) for _, name, text in ENTRIES}
    real = {name: option.default for name, option in VARIABLES.options.items()}
    assert stated == {**real, "BETTER_AUTH_SECRET": None}
    assert real["BETTER_AUTH_SECRET"] is NODEFAULT


def test_a_plain_copy_sets_nothing() -> None:
    assert [(name, text) for mark, name, text in ENTRIES if not mark] == [
        ("BETTER_AUTH_SECRET", "")
    ]


def test_every_setting_has_one_line_of_meaning() -> None:
    lines = TEXT.splitlines()
    for _, name, _ in ENTRIES:
        at = next(i for i, line in enumerate(lines) if re.match(f"#?{name}=", line))
        assert lines[at - 1].startswith("# "), name
        assert lines[at - 2] == "", name


def _value(name: str, text: str) -> object:
    option = VARIABLES.options[name]
    if not text:
        return () if option.default == () else None
    return parse_value(option.path, option.annotation, text)
