import pytest

from app.auth.email_verification import requests


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the sake of secrecy."""
    monkeypatch.setattr(requests, "SAME_TIME", 0)
