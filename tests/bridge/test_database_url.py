from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.bridge.database_url import DatabaseUrlError, PostgresUrl, SqliteUrl, parse_database_url


def _postgres(url: str, *, prepared: bool | None = None) -> PostgresUrl:
    found = parse_database_url(url, prepared=prepared)
    assert isinstance(found, PostgresUrl)
    return found


def _parts(url: str) -> dict[str, str]:
    (dsn,) = _postgres(url).dsns
    return _read(dsn)


def _read(dsn: str) -> dict[str, str]:
    return {key: value for key, (value,) in parse_qs(urlsplit(dsn).query).items()}


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite3", "sqlite+aiosqlite", "SQLite+pysqlite"])
def test_three_slashes_are_a_relative_file_and_four_an_absolute_one(scheme: str) -> None:
    assert parse_database_url(f"{scheme}:///data/auth.db") == SqliteUrl(Path("data/auth.db"))
    assert parse_database_url(f"{scheme}:////data/auth.db") == SqliteUrl(Path("/data/auth.db"))


def test_quotes_and_blanks_around_a_pasted_url_are_dropped() -> None:
    assert parse_database_url(" 'sqlite:///auth.db' ") == SqliteUrl(Path("auth.db"))


@pytest.mark.parametrize(
    "scheme",
    [
        *("postgres", "postgresql", "postgresql+asyncpg", "POSTGRES"),
        *("postgresql+psycopg", "postgresql+psycopg2", "postgres+psycopg_async"),
    ],
)
def test_postgres_by_any_scheme(scheme: str) -> None:
    assert _parts(f"{scheme}://ada:secret@db.example:5433/auth") == {
        "user": "ada",
        "password": "secret",
        "host": "db.example",
        "port": "5433",
        "dbname": "auth",
    }


@pytest.mark.parametrize(
    ("written", "password"),
    [
        ("p%40ss%2Fword%25", "p@ss/word%"),
        ("p@ss", "p@ss"),
        ("p@ss/w:rd#?[1]", "p@ss/w:rd#?[1]"),
        ("100%", "100%"),
        ("a+b c", "a+b c"),
        ("p@x/y", "p@x/y"),
    ],
)
def test_passwords_may_hold_reserved_signs(written: str, password: str) -> None:
    parts = _parts(f"postgresql://ada:{written}@db.example/auth?sslmode=require")
    assert (parts["password"], parts["host"], parts["dbname"]) == (password, "db.example", "auth")


def test_an_address_in_a_parameter_is_no_host() -> None:
    parts = _parts("postgresql://ada:pw@db.example/auth?application_name=a@b")
    assert (parts["host"], parts["application_name"]) == ("db.example", "a@b")


def test_neon() -> None:
    url = (
        "postgresql://owner:npg_x@ep-cool-1.eu-central-1.aws.neon.tech/neondb"
        "?sslmode=require&channel_binding=require&options=endpoint%3Dep-cool-1"
    )
    parts = _parts(url)
    assert (parts["sslmode"], parts["options"]) == ("require", "endpoint=ep-cool-1")
    assert "channel_binding" not in parts
    assert _postgres(url).prepared


def test_supabase_transaction_pooler() -> None:
    url = (
        "postgres://postgres.abcd:pw@aws-0-eu.pooler.supabase.com:6543/postgres"
        "?sslmode=require&supa=base-pooler.x&pgbouncer=true"
    )
    assert _parts(url).keys() == {"user", "password", "host", "port", "dbname", "sslmode"}
    assert not _postgres(url).prepared


@pytest.mark.parametrize(
    "url",
    [
        "postgres://postgres.abcd:pw@aws-0-eu.pooler.supabase.com:6543/postgres",
        "postgres://u:pw@db.abcd.supabase.co/postgres?port=6543",
        "postgres://u:pw@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require",
        "postgres://h/d?pgbouncer=true",
        "postgres://h/d?statement_cache_size=0",
    ],
)
def test_url_of_a_transaction_pooler_turns_prepared_statements_off(url: str) -> None:
    assert not _postgres(url).prepared


@pytest.mark.parametrize(
    "url",
    [
        "postgres://postgres.abcd:pw@aws-0-eu.pooler.supabase.com:5432/postgres",
        "postgres://u:x-pooler.@h:5432/6543?application_name=a-pooler.b",
    ],
)
def test_other_url_leaves_them_on(url: str) -> None:
    assert _postgres(url).prepared


def test_the_setting_wins_over_the_url() -> None:
    assert _postgres("postgres://h/d?pgbouncer=true", prepared=True).prepared
    assert _postgres("postgres://a-pooler.b:6543/d", prepared=True).prepared
    assert not _postgres("postgres://h/d", prepared=False).prepared


def test_schema_is_not_sent_to_a_pooler_at_the_start() -> None:
    url = "postgres://h:6543/d?schema=auth"
    assert "search_path" not in _parts(url)
    assert _postgres(url).search_path == "auth"
    assert _postgres(url, prepared=True).search_path is None


def test_prisma() -> None:
    parts = _parts("postgresql://u:p@h:5432/d?schema=auth&connection_limit=5&pool_timeout=2")
    assert parts["search_path"] == "auth"
    assert "connection_limit" not in parts


def test_schema_with_capitals_is_quoted() -> None:
    assert _parts("postgresql://h/d?schema=Auth")["search_path"] == '"Auth"'
    assert _parts("postgresql://h/d?currentSchema=auth,public")["search_path"] == "auth,public"


@pytest.mark.parametrize("word", ["ssl=true", "sslmode=no-verify"])
def test_node_postgres_words_for_tls(word: str) -> None:
    assert _parts(f"postgres://u:p@ec2-1.compute.amazonaws.com/d?{word}")["sslmode"] == "require"


def test_rds_certificates_are_read_by_the_driver() -> None:
    url = "postgres://u:p@x.rds.amazonaws.com/d?sslmode=verify-full&sslrootcert=/rds.pem"
    assert _parts(url)["sslrootcert"] == "/rds.pem"
    assert not _postgres(url).system_certificates


@pytest.mark.parametrize("rest", ["", "&sslrootcert=system"])
def test_verification_without_a_file_takes_the_systems_certificates(rest: str) -> None:
    url = f"postgres://u:p@h/d?sslmode=verify-full{rest}"
    assert _postgres(url).system_certificates
    assert "sslrootcert" not in _parts(url)


def test_unix_sockets() -> None:
    assert _parts("postgresql://ada@/auth?host=/run/postgresql")["host"] == "/run/postgresql"
    assert _parts("postgresql://ada@%2Frun%2Fpostgresql/auth")["host"] == "/run/postgresql"


def test_ipv6() -> None:
    assert _parts("postgresql://u@[::1]:5433/d")["host"] == "[::1]"


def test_each_of_several_hosts_is_asked_for_one_that_accepts_writes() -> None:
    url = _postgres("postgresql://u@a:1,b/d")
    rest = {"user": "u", "dbname": "d", "target_session_attrs": "read-write"}
    assert [_read(dsn) for dsn in url.dsns] == [
        {"host": "a", "port": "1"} | rest,
        {"host": "b", "port": "5432"} | rest,
    ]
    assert url.name == "PostgreSQL at a:1,b:5432, database d"


def test_target_in_the_url_stays_and_one_port_is_the_port_of_all() -> None:
    url = _postgres("postgresql:///d?host=a,b&port=7&target_session_attrs=any")
    assert [_read(dsn)["port"] for dsn in url.dsns] == ["7", "7"]
    assert {_read(dsn)["target_session_attrs"] for dsn in url.dsns} == {"any"}


def test_driver_chooses_among_all_hosts_where_a_standby_is_only_preferred() -> None:
    assert _parts("postgresql://a,b/d?target_session_attrs=prefer-standby")["host"] == "a,b"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("host=a,b,c&port=1,2", "3 hosts have 2 ports"),
        ("host=a,b&target_session_attrs=master", "target_session_attrs is one of any, "),
    ],
)
def test_hosts_that_cannot_be_asked_are_one_line(query: str, told: str) -> None:
    with pytest.raises(DatabaseUrlError, match=told):
        parse_database_url(f"postgresql:///d?{query}")


def test_connect_timeout_is_taken_over() -> None:
    assert _postgres("postgres://h/d?connect_timeout=10").connect_timeout == 10
    assert _postgres("postgres://h/d?connect_timeout=0").connect_timeout is None


@pytest.mark.parametrize("there", ["prisma/dev.db", "dev.db"])
@pytest.mark.parametrize("url", ["file:./dev.db", "file:dev.db?connection_limit=1"])
def test_file_url_is_the_one_file_that_is_there(
    url: str, there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _touch(there)
    assert parse_database_url(url) == SqliteUrl(Path(there))


def test_file_url_next_to_the_folder_of_prisma(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _touch("data/dev.db")
    assert parse_database_url("file:../data/dev.db") == SqliteUrl(Path("data/dev.db"))


@pytest.mark.parametrize("start", ["file:", "file://"])
def test_file_url_with_an_absolute_path(start: str, tmp_path: Path) -> None:
    file = tmp_path / "dev.db"
    file.touch()
    assert parse_database_url(f"{start}{file}") == SqliteUrl(file)


def test_file_url_of_no_file_creates_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatabaseUrlError, match=r"there is no prisma/dev\.db and no dev\.db: write"):
        parse_database_url("file:./dev.db")
    with pytest.raises(DatabaseUrlError, match=r"there is no /nowhere/dev\.db: write the path"):
        parse_database_url("file:/nowhere/dev.db")
    assert not list(tmp_path.iterdir())


def test_file_url_of_two_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _touch("prisma/dev.db")
    _touch("dev.db")
    with pytest.raises(
        DatabaseUrlError, match=r"write sqlite:///prisma/dev.db or sqlite:///dev.db$"
    ):
        parse_database_url("file:./dev.db")


def _touch(name: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).touch()


@pytest.mark.parametrize(
    ("url", "named", "remedy"),
    [
        ("mysql://u:hunter2@h/d", "MySQL is not offered", "docs/importing.md"),
        ("mysql+pymysql://u:hunter2@h/d", "MySQL is not offered", "docs/importing.md"),
        ("mariadb://u:hunter2@h/d", "MySQL is not offered", "docs/importing.md"),
        ("mongodb://u:hunter2@h/d", "MongoDB is not offered", "docs/importing.md"),
        ("mongodb+srv://u:hunter2@h/d", "MongoDB is not offered", "docs/importing.md"),
        ("libsql://d.turso.io", "Turso (libSQL) is not offered", "docs/importing.md"),
        ("sqlite+libsql://d.turso.io", "Turso (libSQL) is not offered", "docs/importing.md"),
        ("https://d.turso.io", "https:// is no address of a database", "docs/importing.md"),
        ("sqlserver://h;password=hunter2", "SQL Server is not offered", "docs/importing.md"),
        ("cockroachdb://u:hunter2@h/d", "CockroachDB is not offered", "docs/importing.md"),
        ("prisma://h/?api_key=hunter2", "prisma:// is the address of Prisma's", "directUrl"),
        ("prisma+postgres://h/?api_key=hunter2", "prisma+postgres:// is the", "directUrl"),
        ("jdbc:postgresql://h/d?password=hunter2", "remove jdbc:", "user:password@"),
        ("redis://:hunter2@h", "'redis' databases are not understood", "sqlite:///file.db"),
    ],
)
def test_other_database_is_named_with_what_to_do(url: str, named: str, remedy: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        parse_database_url(url)
    line = str(caught.value)
    assert line.startswith(f"DATABASE_URL: {named}")
    assert remedy in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "url",
    [
        "",
        "auth.db",
        "mysql://root:hunter2@localhost/db",
        "mongodb+srv://root:hunter2@localhost/db",
        "sqlite://auth.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "sqlite:///auth.db?timeout=5",
        "file:",
        "file::memory:",
        "file:dev.db?mode=memory",
        "file:dev.db?timeout=5",
        "postgresql://root:hunter2@local host/db",
        "postgresql://root:hunter2@h:port/db",
        "postgresql://root:hunter2@h/db?sslmode=required",
        "postgresql://root:hunter2@h/db?sslmod=verify-full",
        "hunter2://x",
    ],
)
def test_what_is_not_understood_is_one_line_that_names_the_variable(url: str) -> None:
    with pytest.raises(DatabaseUrlError, match=r"^DATABASE_URL: ") as caught:
        parse_database_url(url)
    assert "\n" not in str(caught.value)
    assert "root:hunter2" not in str(caught.value)


@pytest.mark.parametrize("query", ["foo", "sslmode=require&foo", "=x", "?"])
def test_parameter_that_is_no_assignment_is_told(query: str) -> None:
    with pytest.raises(DatabaseUrlError, match=r"the part after \? cannot be read") as caught:
        parse_database_url(f"postgresql://u:hunter2@h/db?{query}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("rest", ["u:p@h:port/db", "u:p@[::1/db", "u:pa"])
def test_url_without_parameters_is_not_told_of_them(rest: str) -> None:
    with pytest.raises(
        DatabaseUrlError, match="percent-encode characters such as / and # in the pass"
    ):
        parse_database_url(f"postgresql://{rest}")


@pytest.mark.parametrize("tail", ["h:70000/db", "h:1,h:65536/db", "h/db?port=70000", "/db?port=x"])
def test_port_that_no_machine_has_is_told(tail: str) -> None:
    with pytest.raises(DatabaseUrlError, match=r"^DATABASE_URL: '\w+' is not a port"):
        parse_database_url(f"postgresql://{tail}")


def test_the_name_in_messages_holds_no_credentials() -> None:
    name = _postgres("postgresql://ada:hunter2@db.example:5433/auth?password=x").name
    assert name == "PostgreSQL at db.example:5433, database auth"
