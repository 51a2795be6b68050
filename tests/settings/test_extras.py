"""A library that only some settings need is asked for when they are set."""

import sys

import pytest

from app import BetterAuth, Settings
from app.settings.environment import SettingsError
from app.settings.extras import find_missing_extras
from tests.support.secret import STRONG_SECRET


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package without its extras."""
    for library in ("asyncpg", "redis"):
        monkeypatch.setitem(sys.modules, library, None)


def settings(url: str) -> Settings:
    return Settings(secret=STRONG_SECRET, database_url=url, redis_url="redis://localhost")


@pytest.mark.parametrize("url", ["postgres://h/a", "PostgreSQL://h/a", " postgresql+asyncpg://h/a"])
@pytest.mark.usefixtures("bare")
def test_every_missing_library_has_a_line(url: str) -> None:
    assert list(find_missing_extras(settings(url))) == [
        'DATABASE_URL of PostgreSQL needs asyncpg: pip install "better-auth-service[postgresql]"',
        'REDIS_URL needs redis: pip install "better-auth-service[redis]"',
    ]


def test_nothing_is_missing_where_all_is_installed() -> None:
    assert list(find_missing_extras(settings("postgres://h/a"))) == []


@pytest.mark.usefixtures("bare")
def test_settings_made_in_python_are_refused_in_their_words() -> None:
    with pytest.raises(SettingsError) as refused:
        BetterAuth(settings("postgresql://h/a"))
    assert refused.value.lines == (
        'database_url of PostgreSQL needs asyncpg: pip install "better-auth-service[postgresql]"',
        'redis_url needs redis: pip install "better-auth-service[redis]"',
    )
