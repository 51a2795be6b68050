"""`python -m app hash calibrate`, as the operator runs it."""

import json
from pathlib import Path

import pytest

from app.auth.passwords.calibration import Calibration
from app.commands.cli import main
from app.server.plugins import read_settings
from app.settings.argon2_cost import Argon2Cost
from app.settings.dotenv import parse_dotenv
from tests.commands.program import SECRET, run


def test_printed_lines_are_settings_that_the_service_takes(tmp_path: Path) -> None:
    done = run(tmp_path, "hash", "calibrate", "--time", "10ms", "--memory-limit", "7MiB")
    assert done.returncode == 0
    settings = read_settings({**parse_dotenv(done.stdout), "BETTER_AUTH_SECRET": SECRET}, None)
    assert settings.argon2_cost == Argon2Cost(7168, 5)
    assert "sign-ins in a second" in done.stderr


@pytest.mark.parametrize("is_busy", [False, True])
def test_figures_are_json_and_warnings_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_busy: bool
) -> None:
    found = Calibration(Argon2Cost(65536, 4), 0.243, 8.04, 0.5 if is_busy else 0.99)
    asked = list[object]()

    def measure(*given: object) -> Calibration:
        asked.extend(given)
        return found

    monkeypatch.setattr("app.commands.hashing.calibration.calibrate", measure)
    monkeypatch.setattr("app.commands.hashing.calibration.count_cores", lambda: 2)
    assert main(["hash", "calibrate", "--time", "0.2s", "--json"]) == 0
    assert asked == [0.2, 65536, 2]
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "memoryCost": 65536,
        "timeCost": 4,
        "parallelism": 1,
        "milliseconds": 243,
        "signInsPerSecond": 8.0,
        "cores": 2,
        "memoryOfAllCores": 131072,
        "isBusy": is_busy,
    }
    said = [
        (
            "A check takes 243 ms here. 2 cores do 8.0 sign-ins in a second, whose hashes take 128"
            " MiB of memory."
        ),
        "That is OWASP's minimum; 200 ms are not possible on this machine.",
        "This machine is busy: a hash got 50 % of a core. Run the command again when it is quiet.",
    ]
    assert err.splitlines() == said[: 3 if is_busy else 2]


@pytest.mark.parametrize(
    ("option", "value", "demand"),
    [
        ("--time", "250", "must be a time such as 250ms, from 10ms to 3s"),
        ("--time", "1m", "must be a time"),
        ("--time", "4s", "must be a time"),
        ("--memory-limit", "6MiB", "must be a size such as 64MiB, from 7MiB to 256MiB"),
        ("--memory-limit", "64", "must be a size"),
    ],
)
def test_amount_without_sense_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], option: str, value: str, demand: str
) -> None:
    assert main(["hash", "calibrate", option, value]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert option in line
    assert demand in line
