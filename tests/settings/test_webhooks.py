"""The settings of webhooks: one true line for each fault."""

from pathlib import Path

import pytest

from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.settings import Settings
from app.settings.webhooks import decode_webhook_secret, generate_webhook_secret
from tests.support.secret import STRONG_SECRET
from tests.support.webhooks import OLD_SECRET, SECRET

URL = "https://example.com/hooks"


def read(**given: str) -> Settings:
    return read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, **given}, None)


def find_faults(**given: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read(**given)
    return list(refused.value.lines)


def test_several_secrets_and_events_are_read() -> None:
    secrets, events = f"{SECRET},{OLD_SECRET}", "user.created, user.deleted"
    found = read(WEBHOOK_URL=URL, WEBHOOK_SECRET=secrets, WEBHOOK_EVENTS=events)
    assert found.webhook_secret == (SECRET, OLD_SECRET)
    assert found.webhook_events == ("user.created", "user.deleted")


def test_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert read(WEBHOOK_URL=URL, WEBHOOK_SECRET_FILE=str(file)).webhook_secret == (SECRET,)


def test_secret_that_we_make_is_one() -> None:
    made = generate_webhook_secret()
    assert len(decode_webhook_secret(made)) == 32
    assert made != generate_webhook_secret()


@pytest.mark.parametrize(
    "secret", ["plain", "whsec_", "whsec_c2hvcnQ=", "whsec_***", f"whsec_{'A' * 88}"]
)
def test_other_secret_is_refused_without_being_shown(secret: str) -> None:
    (line,) = find_faults(WEBHOOK_URL=URL, WEBHOOK_SECRET=secret)
    assert line == (
        "WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base64: make one with"
        " `.venv/bin/python -m app webhooks secret`"
    )


def test_wrong_one_of_several_is_named_by_its_place() -> None:
    (line,) = find_faults(WEBHOOK_URL=URL, WEBHOOK_SECRET=f"{SECRET},hunter2")
    assert line.startswith("WEBHOOK_SECRET number 2 must be")


def test_secret_is_needed() -> None:
    (line,) = find_faults(WEBHOOK_URL=URL)
    assert line.startswith("WEBHOOK_SECRET is missing")


def test_unknown_event_is_told_with_the_nearest() -> None:
    faults = find_faults(WEBHOOK_URL=URL, WEBHOOK_SECRET=SECRET, WEBHOOK_EVENTS="user.create")
    assert faults == ["WEBHOOK_EVENTS: 'user.create' is no event; did you mean user.created?"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.com/hooks", "must be https"),
        ("ftp://example.com/", "must be a URL"),
        ("https://", "must be a URL"),
        ("https://example.com:99999/", "must be a URL"),
        ("https://example.com/a b", "must be a URL"),
        ("https://user:hunter2@example.com/", "must have no user"),
        ("https://example.com/#part", "must have no user, password or fragment"),
        ("https://exa$mple.com/", "has no valid host"),
    ],
)
def test_url_that_cannot_be_used(url: str, words: str) -> None:
    (line,) = find_faults(WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET)
    assert line.startswith(f"WEBHOOK_URL {words}")
    assert "hunter2" not in line


def test_private_network_may_do_without_https() -> None:
    url = "http://hooks.internal:8080/in?from=auth"
    given = {"WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "WEBHOOK_ALLOW_PRIVATE": "true"}
    assert read(**given).webhook_url == url


def test_secret_without_a_url_has_no_effect() -> None:
    notices: list[str] = []
    given = {"BETTER_AUTH_SECRET": STRONG_SECRET, "WEBHOOK_SECRET": SECRET}
    read_settings(given, None, notices=notices)
    assert notices == ["WEBHOOK_SECRET and WEBHOOK_EVENTS have no effect without WEBHOOK_URL"]
