"""The list of plugins: what is in it can be used, or one line says what it lacks."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.server.plugins import load_plugin, read_settings
from app.settings.environment import SettingsError
from tests.support.secret import STRONG_SECRET


@pytest.mark.parametrize("content", [{}, {"PLUGIN": "nickname"}])
def test_folder_without_a_plugin_is_one_line(
    monkeypatch: pytest.MonkeyPatch, content: dict[str, object]
) -> None:
    module = ModuleType("app.plugins.nickname.plugin")
    module.__dict__.update(content)
    monkeypatch.setitem(sys.modules, "app.plugins.nickname", ModuleType("app.plugins.nickname"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(SettingsError) as caught:
        load_plugin("nickname")
    (line,) = caught.value.lines
    assert line == (
        "app/plugins/nickname/plugin.py has no PLUGIN:"
        " set it to an instance of your subclass of Plugin"
    )


def test_folder_that_is_missing_is_one_line() -> None:
    with pytest.raises(SettingsError) as caught:
        load_plugin("nickname")
    (line,) = caught.value.lines
    assert line == "app/plugins/nickname/plugin.py is not there, but INSTALLED names 'nickname'"


def test_plugin_that_imports_what_is_missing_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plugin.py").write_text("import nickname_rules\n")
    package = ModuleType("app.plugins.nickname")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    with pytest.raises(ModuleNotFoundError, match="nickname_rules"):
        load_plugin("nickname")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("twoFactor", "two-factor"),
        ("two_factor", "two-factor"),
        ("emailOTP", "email-otp"),
        ("magicLinkClient", "magic-link"),
        ("organisation", "organization"),
    ],
)
def test_unknown_plugin_is_answered_with_the_one_that_is_meant(written: str, meant: str) -> None:
    (line,) = _find_faults(BETTER_AUTH_PLUGINS=written)
    start = f"BETTER_AUTH_PLUGINS: {written!r} is no plugin; did you mean {meant}? There are "
    assert line.startswith(start)


def test_other_spelling_of_a_plugin_that_is_always_on_is_to_be_removed() -> None:
    (line,) = _find_faults(BETTER_AUTH_PLUGINS="JWT")
    assert line.endswith("did you mean jwt? That is always on: remove it from the list")


def test_plugins_are_listed_in_the_order_of_the_page() -> None:
    (line,) = _find_faults(BETTER_AUTH_PLUGINS="passkey")
    listed = line.partition("; there are ")[2].split(", ")
    page = Path("docs/plugins.md").read_text()
    assert listed == re.findall(r"^\| \[`(.+?)`\]", page, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("table", "plugin", "field"),
    [("USER", "admin", "role"), ("SESSION", "admin", "impersonatedBy")],
)
def test_field_of_a_plugin_that_is_on_is_to_be_removed(table: str, plugin: str, field: str) -> None:
    variable = f"BETTER_AUTH_{table}_ADDITIONAL_FIELDS"
    given = {variable: f'{{"{field}": {{"type": "string"}}}}', "BETTER_AUTH_PLUGINS": plugin}
    (line,) = _find_faults(**given)
    assert line == f"the plugin {plugin} has {field!r}: remove it from {variable}"


def test_column_of_a_plugin_that_is_on_is_no_column_of_another_field() -> None:
    field = '{"rank": {"type": "string", "fieldName": "role"}}'
    (line,) = _find_faults(BETTER_AUTH_PLUGINS="admin", BETTER_AUTH_USER_ADDITIONAL_FIELDS=field)
    assert line.endswith("'rank' has the column 'role' of the plugin admin: name another")


def _find_faults(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, **environ}, None)
    return caught.value.lines
