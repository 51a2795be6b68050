"""The list of plugins: what is in it can be used, or one line says what it lacks."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.server.plugins import load_plugin
from app.settings.environment import SettingsError


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
