"""What is configured is what verifies: the settings, the environment, or one's own way."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from app.bridge import (
    InvalidToken,
    Presented,
    Settings,
    SettingsError,
    User,
    Verifier,
    configure,
)
from app.bridge import configuration as subject
from app.bridge.asymmetric import AsymmetricVerifier
from app.bridge.cookie import OpaqueBearer, SessionCookie
from app.bridge.errors import ForeignOrigin
from app.bridge.remote import RemoteSession
from app.bridge.session_check import SessionCheck
from app.bridge.settings import Mode

from .minting import ISSUER, SECRET, good_claims, mint

DATABASE = "sqlite:///auth.db"

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(subject, "_configured", subject._Configured())
    for name in ("BETTER_AUTH_SECRET", "BETTER_AUTH_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return iter([None])


def presented(token: str) -> Presented:
    return Presented([f"Bearer {token}"])


async def test_the_environment_is_read_at_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BETTER_AUTH_SECRET", SECRET)
    monkeypatch.setenv("BETTER_AUTH_URL", ISSUER)
    assert (await subject.authenticator().authenticate(presented(mint()))).id == "user-1"
    with pytest.raises(InvalidToken, match="issuer"):
        await subject.authenticator().authenticate(presented(mint(good_claims(iss="x"))))


async def test_settings_win_over_the_environment() -> None:
    configure(Settings(secrets=(SECRET,), issuer=ISSUER))
    assert (await subject.authenticator().authenticate(presented(mint()))).id == "user-1"


async def test_one_secret_and_one_audience_may_stand_alone() -> None:
    configure(Settings(secrets=SECRET, issuer=ISSUER, audience="api"))
    token = mint(good_claims(aud="api"))
    assert (await subject.authenticator().authenticate(presented(token))).id == "user-1"


def test_a_mode_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="the mode must be one of hs256, jwks"):
        configure(Settings(mode=cast("Mode", "weird"), secrets=SECRET))


async def test_a_way_of_ones_own() -> None:
    class Everybody:
        async def authenticate(self, presented: Presented) -> User:
            return User.of({"sub": "anybody"})

    configure(Everybody())
    assert (await subject.authenticator().authenticate(Presented([]))).id == "anybody"
    with pytest.raises(SettingsError, match="LiveUser"):
        subject.live_authenticator()


def test_a_way_that_reads_sessions_is_live_and_has_a_cookie() -> None:
    class Reader:
        cookie_name = "sid"

        async def authenticate(self, presented: Presented) -> User:
            return User.of({"sub": "anybody"})

    reader = Reader()
    configure(reader)
    assert subject.live_authenticator() is reader
    assert subject.find_cookie_name() == "sid"


@pytest.mark.parametrize(
    "settings", [Settings(), Settings(mode="jwks"), Settings(mode="cookie", secrets=(SECRET,))]
)
def test_settings_that_lack_something_are_refused_at_once(settings: Settings) -> None:
    with pytest.raises(SettingsError):
        configure(settings)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(secrets=(SECRET,), issuer=ISSUER), Verifier),
        (Settings(mode="jwks", jwks_url=ISSUER, issuer="x", audience=("x",)), AsymmetricVerifier),
        (Settings(mode="cookie", secrets=(SECRET,), database_url=DATABASE), SessionCookie),
        (Settings(mode="bearer", secrets=(SECRET,), database_url=DATABASE), OpaqueBearer),
        (Settings(mode="remote", session_url=ISSUER), RemoteSession),
        (
            Settings(secrets=(SECRET,), issuer=ISSUER, database_url=DATABASE, live=True),
            SessionCheck,
        ),
    ],
)
def test_each_way_has_its_authenticator(settings: Settings, kind: type) -> None:
    configure(settings)
    assert type(subject.authenticator()) is kind


@pytest.mark.parametrize("mode", ["cookie", "bearer"])
def test_modes_of_sessions_are_live_anyway(mode: Mode) -> None:
    configure(Settings(mode=mode, secrets=(SECRET,), database_url=DATABASE))
    assert subject.live_authenticator() is subject.authenticator()


def test_one_route_alone_may_look_at_the_session() -> None:
    configure(Settings(secrets=(SECRET,), issuer=ISSUER, database_url=DATABASE))
    assert type(subject.authenticator()) is Verifier
    assert type(subject.live_authenticator()) is SessionCheck
    assert subject.live_authenticator() is subject.live_authenticator()


@pytest.mark.parametrize("url", ["mysql://h/d", "http://h", "nonsense"])
def test_a_database_that_can_not_be_used_is_told_at_once(url: str) -> None:
    with pytest.raises(SettingsError):
        configure(Settings(mode="cookie", secrets=(SECRET,), database_url=url))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(mode="cookie", secrets=(SECRET,)),
        Settings(secrets=(SECRET,), issuer=ISSUER, live=True),
    ],
)
def test_a_database_without_sessions_is_told_at_once(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE tasks (id INTEGER)")
    with pytest.raises(SettingsError, match="DATABASE_URL: this database contains no tables"):
        configure(replace(settings, database_url=f"sqlite:///{path}"))


def test_a_refused_change_leaves_what_there_was() -> None:
    configure(Settings(secrets=(SECRET,)))
    before = subject.authenticator()
    with pytest.raises(SettingsError):
        configure(Settings())
    assert subject.authenticator() is before


def test_one_warning_says_that_no_issuer_is_checked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BETTER_AUTH_SECRET", SECRET)
    with caplog.at_level(logging.WARNING):
        subject.authenticator()
        subject.authenticator()
    (record,) = caplog.records
    assert record.message.startswith("BETTER_AUTH_URL is not set")
    assert SECRET not in record.message


def test_a_known_issuer_needs_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    configure(Settings(secrets=(SECRET,), issuer=ISSUER))
    assert caplog.records == []


def test_one_warning_says_that_any_page_may_send_a_cookie(
    caplog: pytest.LogCaptureFixture,
) -> None:
    by_cookie = Settings(mode="remote", session_url=ISSUER)
    configure(by_cookie)
    (record,) = caplog.records
    assert "accepted from every page" in record.message
    configure(replace(by_cookie, trusted_origins=(ISSUER,)))
    assert len(caplog.records) == 1


async def test_foreign_page_may_not_call_with_a_cookie() -> None:
    configure(
        Settings(mode="cookie", secrets=(SECRET,), database_url=DATABASE, trusted_origins=(ISSUER,))
    )
    with pytest.raises(ForeignOrigin):
        await subject.authenticator().authenticate(
            Presented([], ["better-auth.session_token=a.b"], ["https://evil.example"])
        )


def test_liveness_without_a_database_is_told_at_once() -> None:
    configure(Settings(secrets=(SECRET,), issuer=ISSUER))
    with pytest.raises(SettingsError, match="LiveUser needs DATABASE_URL"):
        subject.live_authenticator()
