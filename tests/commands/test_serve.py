import os
import signal
import socket
import time
from pathlib import Path

import pytest

from app.commands import serve
from app.schema.migrate import MigrationReport, migrate
from app.schema.requirements import Requirements
from app.server import migration
from app.server.http_server import Serving
from app.settings.environment import SettingsError
from tests.commands.program import SECRET, environment, run, run_from_nothing
from tests.support import ready_process
from tests.support.programs import running_service


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Serving]:
    """What would have been served, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BETTER_AUTH_")]:
        monkeypatch.delenv(name)
    for name, text in {"BETTER_AUTH_SECRET": SECRET, "HOST": "", "PORT": "", "WORKERS": ""}.items():
        monkeypatch.setenv(name, text)
    served: list[Serving] = []
    monkeypatch.setattr(serve, "serve", lambda serving, *_: served.append(serving))
    monkeypatch.setattr(serve, "bind", lambda *_: [])
    return served


def test_says_what_to_open_next(
    started: list[Serving], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETTER_AUTH_TRUSTED_ORIGINS", "http://localhost:3000")
    assert serve.run(port="8123") == 0
    said = capsys.readouterr().err
    assert "http://localhost:8123/api/auth\n" in said
    assert "http://localhost:8123/docs\n" in said
    assert "Listening at    localhost:8123\n" in said
    assert "SQLite auth.db\n" in said
    assert "Trusted origins http://localhost:3000\n" in said
    assert started == [Serving(factory="app.server.lifespan:from_env", start_seconds=90)]


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("url", "host", "docs"),
    [
        ("https://app.example.com", "localhost", "http://localhost:8000/docs"),
        ("https://app.example.com", "0.0.0.0", "http://localhost:8000/docs"),  # noqa: S104  # no socket is opened
        ("https://app.example.com", "::", "http://localhost:8000/docs"),
        ("https://app.example.com", "192.0.2.7", "http://192.0.2.7:8000/docs"),
        ("https://app.example.com", "2001:db8::7", "http://[2001:db8::7]:8000/docs"),
        ("http://localhost:3000", "localhost", "http://localhost:8000/docs"),
        ("http://127.0.0.1:8000", "localhost", "http://127.0.0.1:8000/docs"),
        ("http://localhost:8000", "127.0.0.1", "http://localhost:8000/docs"),
        ("http://localhost:8000", "192.0.2.7", "http://192.0.2.7:8000/docs"),
    ],
)
def test_docs_are_where_the_server_itself_listens(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    host: str,
    docs: str,
) -> None:
    monkeypatch.setenv("BETTER_AUTH_URL", url)
    monkeypatch.setenv("API_DOCS", "true")
    serve.run(host=host, no_migrate=True)
    said = capsys.readouterr().err
    assert f"Docs            {docs}\n" in said
    assert f"Better Auth     {url}/api/auth\n" in said


@pytest.mark.usefixtures("started")
def test_what_is_off_by_https_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETTER_AUTH_URL", "https://app.example.com")
    serve.run()
    said = capsys.readouterr().err
    reason = "BETTER_AUTH_URL is https"
    assert f"Docs            off, because {reason}; API_DOCS=true turns them on\n" in said
    assert f"task API: off ({reason}; TASK_API=true turns it on)\n" in said
    monkeypatch.setenv("API_DOCS", "false")
    serve.run()
    assert "Docs            off\n" in capsys.readouterr().err


def test_host_is_a_variable_and_the_flag_wins(
    started: list[Serving], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST", "192.0.2.7")
    serve.run(no_migrate=True)
    assert "Listening at    192.0.2.7:8000\n" in capsys.readouterr().err
    serve.run(host="192.0.2.8", no_migrate=True)
    assert "Listening at    192.0.2.8:8000\n" in capsys.readouterr().err


@pytest.mark.usefixtures("started")
def test_empty_host_is_never_every_address(capsys: pytest.CaptureFixture[str]) -> None:
    serve.run(host="", no_migrate=True)
    assert "Listening at    localhost:8000\n" in capsys.readouterr().err


@pytest.mark.usefixtures("started")
def test_what_is_odd_about_the_settings_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db.test/main?foo=")
    serve.run(no_migrate=True)
    said = capsys.readouterr().err
    assert said.startswith(
        "Notice: DATABASE_URL: the parameter 'foo' is not known here and has no effect\n"
    )


def test_brings_the_schema_up_to_date(started: list[Serving], tmp_path: Path) -> None:
    serve.run()
    assert (tmp_path / "auth.db").exists()


def test_leaves_the_schema_when_told_to(started: list[Serving], tmp_path: Path) -> None:
    serve.run(no_migrate=True)
    assert not (tmp_path / "auth.db").exists()


def test_several_workers_must_count_together(started: list[Serving]) -> None:
    with pytest.raises(SettingsError, match="WORKERS=2 would each count requests alone"):
        serve.run(workers="2")
    assert started == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BETTER_AUTH_RATE_LIMIT_STORAGE", "database"),
        ("BETTER_AUTH_RATE_LIMIT_ENABLED", "false"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
    ],
)
def test_several_workers_that_count_together_start(
    started: list[Serving], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    serve.run(workers="2")
    assert started[0].workers == 2


def test_no_password_of_the_database_is_shown(
    started: list[Serving], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db.test/main")
    serve.run(no_migrate=True)
    said = capsys.readouterr().err
    assert "Database        PostgreSQL at db.test" in said
    assert "hunter2" not in said


@pytest.mark.usefixtures("started")
def test_database_that_is_not_up_yet_is_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    away = f"postgresql://u:hunter2@127.0.0.1:{port}/main"
    tried: list[str] = []

    async def migrated(url: str, wanted: Requirements, *, prepared: bool | None) -> MigrationReport:
        tried.append(url)
        return await migrate(away if len(tried) == 1 else "sqlite:///auth.db", wanted)

    monkeypatch.setattr(migration, "migrate", migrated)
    monkeypatch.setenv("DATABASE_URL", away)
    monkeypatch.setenv("DATABASE_WAIT", "60")
    assert serve.run() == 0
    said = capsys.readouterr().err.splitlines()
    assert tried == [away, away]
    assert said[0].startswith(f"PostgreSQL at 127.0.0.1:{port}, database main cannot be reached: ")
    assert said[0].endswith("; waiting for it, 60 seconds at most")
    assert said[1] == "auth.db: created the tables of Better Auth"


def test_database_that_stays_away_is_one_line(tmp_path: Path) -> None:
    url = f"postgresql://u:hunter2@127.0.0.1:{_free()}/main"
    given = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": url, "DATABASE_WAIT": "0"}
    done = run(tmp_path, "serve", "--port", _free(), **given)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "database main cannot be reached: " in line
    assert line.endswith("; start it, or correct DATABASE_URL")


def test_sigterm_ends_what_waits_for_its_database_with_status_0(tmp_path: Path) -> None:
    port = _free()
    url = f"postgresql://u:hunter2@127.0.0.1:{port}/main"
    given = environment(BETTER_AUTH_SECRET=SECRET, DATABASE_URL=url, DATABASE_WAIT="60")
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        ready_process.start(["serve", "--port", _free()], given, tmp_path, output, output) as waits,
    ):
        deadline = time.monotonic() + 60
        while "; waiting for it, 60 seconds at most" not in log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        waits.send_signal(signal.SIGTERM)
        assert waits.wait(timeout=10) == 0
    assert len(log.read_text().splitlines()) == 1


def test_head_of_a_load_balancer_gets_no_body(tmp_path: Path) -> None:
    port = _free()
    given = environment(BETTER_AUTH_SECRET=SECRET, PORT=port)
    with (
        running_service(given, tmp_path, int(port)),
        socket.create_connection(("127.0.0.1", int(port)), 5) as client,
    ):
        client.sendall(b"HEAD /health/ready HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        with client.makefile("rb") as stream:
            answer = stream.read()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_bad_flag_is_refused_in_the_words_of_its_variable(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--port", "abc", BETTER_AUTH_SECRET=SECRET)
    assert done.returncode == 2
    assert done.stderr == "PORT must be a whole number from 1 to 65535, not 'abc'\n"


def test_port_in_use_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, "serve", "--port", str(port), BETTER_AUTH_SECRET=SECRET)
    assert done.returncode == 1
    assert done.stderr.startswith(f"port {port} is in use")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_broken_template_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    given = {"SMTP_URL": "console:", "MAIL_TEMPLATES": str(tmp_path / "none")}
    done = run(tmp_path, "serve", "--port", _free(), BETTER_AUTH_SECRET=SECRET, **given)
    assert done.returncode == 1
    assert done.stderr.startswith("MAIL_TEMPLATES: ")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_missing_schema_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--no-migrate", "--port", _free(), BETTER_AUTH_SECRET=SECRET)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def _free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


def test_port_of_metrics_in_use_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = {"METRICS_LISTEN": f"127.0.0.1:{port}"}
        done = run(tmp_path, "serve", "--port", _free(), BETTER_AUTH_SECRET=SECRET, **given)
    assert done.returncode == 1
    assert done.stderr == (
        f"port {port} is in use: stop that program, or choose another with METRICS_LISTEN=…\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_no_folder_for_metrics_of_several_workers_is_one_line(tmp_path: Path) -> None:
    given = {
        "METRICS_LISTEN": f"127.0.0.1:{_free()}",
        "WORKERS": "2",
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
    }
    closed = tmp_path / "closed"
    closed.mkdir()
    full = "import tempfile; tempfile.mkdtemp = lambda **_: open('/no/such/folder/x')"
    (closed / "sitecustomize.py").write_text(full)
    path = os.pathsep.join((str(closed), environment()["PYTHONPATH"]))
    done = run_from_nothing(
        tmp_path,
        *("serve", "--port", _free()),
        BETTER_AUTH_SECRET=SECRET,
        PYTHONPATH=path,
        **given,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "METRICS_LISTEN with several workers needs a folder for temporary files"
        " (No such file or directory): name one with TMPDIR=…"
    )
