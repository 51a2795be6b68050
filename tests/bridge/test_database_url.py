"""The bridge reads the service's DATABASE_URL, and reads it alike."""

import pytest

from app import database_url as service
from app.bridge import database_url as bridge

GOOD = [
    "sqlite:///auth.db",
    "sqlite+aiosqlite:////data/auth.db",
    " 'sqlite:///auth.db' ",
    "postgres://ada:secret@db.example:5433/auth",
    "postgresql+asyncpg://ada:secret@db.example/auth",
    "postgresql://ada:p%40ss%2Fword%25@db.example/auth?sslmode=require",
    "postgresql://ada:p@ss/w:rd#?[1]@db.example/auth?sslmode=require",
    "postgresql://ada:pw@db.example/auth?application_name=a@b",
    "postgresql://o:n@ep-1.neon.tech/neondb?sslmode=require&channel_binding=require&options=a%3Db",
    "postgres://p.a:pw@aws.pooler.supabase.com:6543/postgres?supa=base-pooler.x&pgbouncer=true",
    "postgres://h/d?statement_cache_size=0",
    "postgresql://u:p@h:5432/d?schema=auth&connection_limit=5&pool_timeout=2",
    "postgres://u:p@h/d?ssl=true",
    "postgres://u:p@h/d?sslmode=no-verify",
    "postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/rds.pem",
    "postgres://u:p@h/d?sslmode=verify-full",
    "postgres://u:p@h/d?sslmode=verify-ca&sslrootcert=system",
    "postgresql://ada@/auth?host=/run/postgresql",
    "postgresql://ada@%2Frun%2Fpostgresql/auth",
    "postgresql://u@a:1,b/d",
    "postgresql://u@[::1]:5433/d",
    "postgres://h/d?connect_timeout=10",
]
BAD = [
    "",
    "auth.db",
    "mysql://root:hunter2@localhost/db",
    "sqlite://auth.db",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite:///file:x?mode=memory",
    "sqlite:///auth.db?timeout=5",
    "postgresql://root:hunter2@local host/db",
    "postgresql://root:hunter2@h:port/db",
    "postgresql://root:hunter2@h/db?sslmode=required",
    "postgresql://root:hunter2@h/db?sslmod=verify-full",
]


@pytest.mark.parametrize("prepared", [None, True, False])
@pytest.mark.parametrize("url", GOOD)
def test_url_is_read_as_the_service_reads_it(url: str, *, prepared: bool | None) -> None:
    theirs = service.parse_database_url(url, prepared=prepared)
    ours = bridge.parse_database_url(url, prepared=prepared)
    names = ours.__dataclass_fields__
    assert {n: getattr(ours, n) for n in names} == {n: getattr(theirs, n) for n in names}


@pytest.mark.parametrize("url", BAD)
def test_what_the_service_refuses_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(service.DatabaseUrlError):
        service.parse_database_url(url)
    with pytest.raises(ValueError, match=r"^DATABASE_URL: ") as caught:
        bridge.parse_database_url(url)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
