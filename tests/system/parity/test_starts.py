"""Each of the starts that the page tells of is refused here, and is none to the original."""

import json
import subprocess

import pytest

from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from tests.system.js_client.service import SECRET

from . import versions
from .options import Setup, for_original, for_ours
from .starts import STARTS

EXAMPLES = [example for row in STARTS for example in row.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_start_is_refused_here_in_one_line_that_names_the_variable(example: Setup) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(for_ours(example), None)
    (line,) = refused.value.lines
    assert line.startswith("BETTER_AUTH_")


def test_original_starts_with_every_one() -> None:
    asked = [json.loads(for_original(example)) for example in EXAMPLES]
    done = subprocess.run(
        versions.command("starts.mjs"),
        input=json.dumps(asked),
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        env={"BETTER_AUTH_SECRET": SECRET, "BETTER_AUTH_TELEMETRY": "0"},
    )
    refusals = [json.loads(line) for line in done.stdout.splitlines()]
    assert refusals == [None] * len(EXAMPLES)
