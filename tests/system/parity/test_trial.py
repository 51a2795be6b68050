"""Another version takes the place of that of record when it is named."""

from pathlib import Path

import pytest

from . import trial, versions


def test_version_of_record_is_the_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(versions.TRIED, raising=False)
    assert versions.package() == versions.package_of(versions.RECORD)
    assert not versions.is_tried()


def test_another_package_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(versions.TRIED, str(tmp_path))
    assert versions.package() == tmp_path
    assert versions.is_tried()


@pytest.mark.parametrize("arguments", [[], ["latest"], ["-k", "sessions"], ["1.7"]])
def test_what_is_no_version_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert trial.main(arguments) == 2
    assert "make parity VERSION=" in capsys.readouterr().err


@pytest.mark.parametrize("version", [versions.RECORD, versions.OLDER])
def test_each_package_has_the_version_of_its_folder(version: str) -> None:
    document = (versions.package_of(version) / "package.json").read_text()
    assert f'"better-auth": "{version}"' in document
    assert "resolved" not in (versions.package_of(version) / "package-lock.json").read_text()
