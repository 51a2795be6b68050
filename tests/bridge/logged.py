"""What an operator reads of who is away."""

import pytest


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Of what the bridge says; other tests may have made other loggers talk."""
    return [each.levelname for each in caplog.records if each.name == "app.bridge.outage"]
