"""The wheel better-auth-service, installed where nothing of the checkout is."""

import hashlib
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app import __version__
from tests.support.pages import block
from tests.support.secret import STRONG_SECRET

from .environments import OLDEST_LOCK, ROOT, SERVICE, build_from_sources, built_wheel, pasted
from .environments import service_environment as environment
from .installed import environ, make_folder, module_of, program_of, run, served
from .people import ask, sign_up

pytestmark = pytest.mark.xdist_group("published")

HEAVY = ("litestar", "sqlalchemy", "msgspec", "uvicorn", "click", "fastapi")
Call = Callable[[Path], Sequence[str]]
SECRET = {"BETTER_AUTH_SECRET": STRONG_SECRET}


@pytest.fixture(scope="module")
def python() -> Path:
    return environment()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def contents(wheel: Path) -> dict[str, str]:
    archive = zipfile.ZipFile(wheel)
    return {
        name: hashlib.sha256(archive.read(name)).hexdigest()
        for name in archive.namelist()
        if not name.endswith("/RECORD")  # in another order
    }


def test_the_wheel_holds_the_folder_app_and_nothing_else() -> None:
    packed = {name for name in contents(built_wheel(SERVICE)) if "dist-info" not in name}
    tracked = {
        f"better_auth_service/{path.relative_to(ROOT / 'app')}"
        for path in (ROOT / "app").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == {*tracked, "better_auth_service/py.typed"}


def test_the_wheel_brings_licence_and_readme() -> None:
    archive = zipfile.ZipFile(built_wheel(SERVICE))
    info = f"better_auth_service-{__version__}.dist-info"
    assert archive.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    readme = (SERVICE.project / "README.md").read_text()
    assert archive.read(f"{info}/METADATA").decode().endswith(readme)


def test_the_source_distribution_makes_the_same_wheel(tmp_path: Path) -> None:
    assert contents(build_from_sources(SERVICE, tmp_path)) == contents(built_wheel(SERVICE))


def test_the_extra_for_traces_is_what_the_checkout_installs_for_them() -> None:
    project = tomllib.loads((SERVICE.project / "pyproject.toml").read_text())["project"]
    extra = {each.partition(">=")[0] for each in project["optional-dependencies"]["traces"]}
    lines = (ROOT / "requirements" / "otel.in").read_text().splitlines()
    assert extra == {line.split()[0] for line in lines if not line.startswith("#")}


@pytest.mark.parametrize(
    ("call", "workers", "lock"),
    [(program_of, "1", None), (module_of, "2", None), (program_of, "2", OLDEST_LOCK)],
    ids=["program", "module, two workers", "program, two workers, oldest libraries"],
)
def test_it_serves_from_any_folder(
    folder: Path, call: Call, workers: str, lock: Path | None
) -> None:
    program = call(environment() if lock is None else environment(lock=lock))
    assert run(program, folder, "init").returncode == 0
    with served(program, folder, WORKERS=workers) as url:
        person = sign_up(url, "Ann")
        session = ask(f"{url}/api/auth/get-session", {"cookie": person.cookie}).json()
    assert session["user"]["id"] == person.id
    assert {".env", "auth.db", "app"} <= {path.name for path in folder.iterdir()}
    assert "Warning" not in (folder / "server.log").read_text()


def test_importing_it_loads_no_library(python: Path, folder: Path) -> None:
    script = f"import sys, better_auth_service; print([m for m in {HEAVY} if m in sys.modules])"
    assert run((str(python), "-c"), folder, script).stdout == "[]\n"


@pytest.fixture(params=["better-auth", "python -m better_auth_service"])
def called(request: pytest.FixtureRequest, python: Path) -> tuple[str, Sequence[str]]:
    """The words that call the program, and the command that does."""
    call = program_of if request.param == "better-auth" else module_of
    return request.param, call(python)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["users", "--help"], "Usage: {name} users [OPTIONS] COMMAND"),
        (["xyz"], "there is no command 'xyz': `{name} help` lists them"),
        (["secret", "now"], "secret does not take 'now': see `{name} secret --help`"),
        (["migrate"], "with a secret from `{name} secret`"),
    ],
)
def test_messages_name_the_program_that_was_called(
    called: tuple[str, Sequence[str]], folder: Path, arguments: list[str], said: str
) -> None:
    name, program = called
    done = run(program, folder, *arguments)
    text = done.stdout + done.stderr
    assert said.format(name=name) in text
    assert not re.search(r"-m app\b", text)


def test_first_line_of_the_settings_names_the_list_of_them(
    called: tuple[str, Sequence[str]], folder: Path
) -> None:
    name, program = called
    run(program, folder, "init")
    first, *_ = (folder / ".env").read_text().splitlines()
    assert first == f"# Settings of this folder; `{name} info --all` lists all of them."


def test_lines_of_the_pages_install_and_run_it(tmp_path: Path) -> None:
    make, line = block("docs/installing.md", "Install it with pip", "sh").splitlines()
    assert make.startswith("make wheel ")
    (tmp_path / "dist").mkdir()
    shutil.copy(built_wheel(SERVICE), tmp_path / "dist")
    program = program_of(pasted(line, tmp_path))
    lines = block("docs/installing.md", "Run it", "sh")
    assert block("packages/better-auth-service/README.md", "On its own", "sh") == lines
    init, serve = (each.partition("#")[0].split() for each in lines.splitlines())
    assert (init[0], serve) == ("better-auth", ["better-auth", "serve"])
    assert run(program, tmp_path, *init[1:]).returncode == 0
    with served(program, tmp_path) as url:
        assert sign_up(url, "Ann").id


def test_application_of_the_readme_is_that_of_the_page() -> None:
    """`tests/system/embedding` runs the one of the page."""
    readme = block("packages/better-auth-service/README.md", "In your application", "python")
    assert readme == block("docs/embedding.md", "FastAPI", "python")


@pytest.mark.parametrize(
    ("variable", "needs", "extra"),
    [
        ("DATABASE_URL=postgresql://localhost/auth", " of PostgreSQL needs asyncpg", "postgresql"),
        ("REDIS_URL=redis://localhost", " needs redis", "redis"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318",
            " needs OpenTelemetry's SDK, which is not installed",
            "traces",
        ),
    ],
)
def test_setting_whose_extra_is_missing_says_what_to_install(
    python: Path, folder: Path, variable: str, needs: str, extra: str
) -> None:
    name, _, value = variable.partition("=")
    done = run(program_of(python), folder, "serve", **SECRET, **{name: value})
    line = f'{name}{needs}: pip install "better-auth-service[{extra}]"\n'
    assert (done.returncode, done.stderr) == (2, line)


def test_all_that_needs_no_extra_works_without_one(python: Path, folder: Path) -> None:
    done = run(program_of(python), folder, "openapi", "--plugins")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "openapi-plugins.json").read_text()


def test_the_bridge_in_it_names_the_package_to_install(python: Path, folder: Path) -> None:
    script = "import better_auth_service.bridge.fastapi"
    *_, line = run((str(python), "-c"), folder, script).stderr.splitlines()
    assert line.endswith('needs fastapi: pip install "better-auth-service[fastapi]"')


def test_both_packages_in_one_program(python: Path, folder: Path) -> None:
    """They share nothing: a token of one is verified by the other."""
    program = program_of(python)
    script = (
        "import sys, better_auth_service, better_auth_bridge\n"
        "from better_auth_service.bridge import Verifier\n"
        "found = [each(sys.argv[1]).verify(sys.argv[2]).email"
        " for each in (Verifier, better_auth_bridge.Verifier)]\n"
        "print(*found)"
    )
    with served(program, folder, **SECRET) as url:
        token = sign_up(url, "Ann").token
    done = run((str(python), "-c"), folder, script, STRONG_SECRET, token)
    assert done.stdout == "ann@example.com ann@example.com\n", done.stderr


def test_shell_completes_the_installed_program(python: Path, folder: Path) -> None:
    script = run(program_of(python), folder, "completion", "bash").stdout
    assert "better-auth()" not in script, "it is a program already"
    asked = f"{script}\nCOMP_WORDS=(better-auth mig) COMP_CWORD=1\n_better_auth_completion\n"
    done = subprocess.run(
        ["bash", "-c", f'{asked}printf "%s" "${{COMPREPLY[@]}}"'],
        cwd=folder,
        env=environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("migrate", "")
