"""The pages on Next.js, file by file as they are printed, in a browser."""

import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from msgspec import Struct
from playwright.sync_api import Page, expect

from app.settings.dotenv import parse_dotenv
from tests.support import programs
from tests.support.chromium import Watch, running_chromium
from tests.support.pages import block
from tests.system.examples import fastapi_tasks
from tests.system.js_client import service
from tests.system.packaging.environments import built_wheel, pasted

from .apps import served

pytestmark = pytest.mark.xdist_group("nextjs-todo")


class Ports(Struct, frozen=True):
    service: int
    api: int
    app: int

    def put(self, text: str) -> str:
        """The ports of this test in place of the printed ones."""
        own = {"8000": self.service, "8001": self.api, "3000": self.app}
        return re.sub("8000|8001|3000", lambda found: str(own[found[0]]), text)

    def texts(self, other: "Ports") -> dict[str, str]:
        """Where these ports stand in a build, and what stands there with the other ones."""
        return {
            f":{self.service}": f":{other.service}",
            f":{self.api}": f":{other.api}",
            f":{self.app}": f":{other.app}",
        }


BUILT = Ports(58_147, 58_151, 58_153)  # of the build, which all runs use


@pytest.fixture
def ports() -> Ports:
    return Ports(programs.free_port(), programs.free_port(), programs.free_port())


@contextmanager
def running_api(ports: Ports, settings: dict[str, str], main: str, folder: Path) -> Iterator[str]:
    """In `api`, beside what `make wheel` and `make serve` leave in the checkout."""
    checkout, own = folder / "better-auth-python", folder / "api"
    (checkout / "dist").mkdir(parents=True)
    shutil.copy(built_wheel(), checkout / "dist")
    (checkout / ".env").write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
    own.mkdir()
    (own / "main.py").write_text(ports.put(main))
    lines = block("docs/nextjs-and-fastapi.md", "2. The API", "sh").splitlines()
    pasted("\n".join(lines[:-1]), own, fastapi_tasks.EXAMPLE / "requirements.txt")
    command = ["bash", "-c", f"exec {ports.put(lines[-1])}"]
    environ = fastapi_tasks.environ({})
    with programs.running(command, environ, own, ports.api, ends_with=-signal.SIGTERM):
        yield f"http://localhost:{ports.api}"


@contextmanager
def running_service(ports: Ports, folder: Path) -> Iterator[dict[str, str]]:
    """Gives what the API reads of the same `.env`."""
    settings = settings_of_page(ports)
    with service.running("sqlite:///auth.db", folder, PORT=str(ports.service), **settings) as made:
        yield {**settings, "BETTER_AUTH_SECRET": made.secret}


def settings_of_page(ports: Ports) -> dict[str, str]:
    commands = block("docs/nextjs-and-fastapi.md", "1. The service", "sh")
    found = re.search(r"^cat >> \.env <<'END'\n(.*?)^END$", commands, re.MULTILINE | re.DOTALL)
    assert found is not None
    return dict(parse_dotenv(ports.put(found[1])))


def files_of_page(ports: Ports) -> dict[str, str]:
    return {
        "next.config.ts": ports.put(block("docs/nextjs-and-fastapi.md", "3. The app", "ts")),
        "lib/auth-client.ts": block("docs/nextjs-and-fastapi.md", "3. The app", "ts", 1),
        "app/page.tsx": block("docs/nextjs-and-fastapi.md", "3. The app", "tsx"),
    }


def files_on_the_server(ports: Ports) -> dict[str, str]:
    """Their first line says where they belong."""
    texts = (
        block("docs/front-ends.md", "Server components, middleware and actions", "ts"),
        block("docs/front-ends.md", "Server components, middleware and actions", "ts", 1),
        block("docs/front-ends.md", "Server components, middleware and actions", "ts", 2),
        block("docs/front-ends.md", "Server components, middleware and actions", "tsx"),
    )
    return {each.partition("\n")[0].removeprefix("// "): ports.put(each) for each in texts}


def test_files_as_printed_are_an_app_with_tasks(ports: Ports, tmp_path: Path) -> None:
    main = block("docs/nextjs-and-fastapi.md", "2. The API", "python")
    files = files_of_page(BUILT) | files_on_the_server(BUILT)
    origin = f"http://localhost:{ports.app}"
    with (
        running_service(ports, tmp_path) as settings,
        running_api(ports, settings, main, tmp_path) as api,
        served("ten-minutes", files, BUILT.texts(ports), ports.app),
        running_chromium() as browser,
    ):
        page = browser.new_context().new_page()
        watch = Watch(page, {origin})
        page.goto(f"{origin}/account")
        expect(page).to_have_url(f"{origin}/")
        _sign_up(page)
        _add(page, "Buy milk")
        page.reload()
        expect(page.get_by_role("listitem")).to_have_text(["Buy milk"])
        _rename(page, f"{origin}/account")
        page.goto(origin)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_placeholder("Password")).to_be_visible()
        assert watch.complaints == []
        assert watch.foreign_requests == []
        # What FastAPI does not have is FastAPI's 404: the service is asked for `/api/auth` alone.
        assert _status(f"{origin}/api/tasks") == _status(f"{api}/api/tasks") == 404
        assert _status(f"{origin}/api/ada/tasks") == 401


def test_lines_for_cors_let_the_app_in_and_nobody_else(ports: Ports, tmp_path: Path) -> None:
    main = block("docs/nextjs-and-fastapi.md", "2. The API", "python")
    lines = block("docs/nextjs-and-fastapi.md", "When the API has an origin of its own", "python")
    settings = {**settings_of_page(ports), "BETTER_AUTH_SECRET": service.SECRET}
    with running_api(ports, settings, main + lines, tmp_path) as api:
        for origin, allowed in {
            f"http://localhost:{ports.app}": True,
            "http://evil.example": False,
        }.items():
            asked = {
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization,content-type",
            }
            assert (_status(f"{api}/api/ada/tasks", "OPTIONS", asked) == 200) is allowed


def _sign_up(page: Page) -> None:
    page.get_by_placeholder("E-mail").fill("ada@example.com")
    page.get_by_placeholder("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign up").click()


def _add(page: Page, title: str) -> None:
    page.get_by_placeholder("Task").fill(title)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("listitem")).to_have_text([title])


def _rename(page: Page, account: str) -> None:
    page.goto(account)
    expect(page.get_by_text("Signed in as ada@example.com")).to_be_visible()
    page.get_by_placeholder("New name").fill("Ada Lovelace")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Signed in as Ada Lovelace")).to_be_visible()


def _status(url: str, method: str = "GET", headers: dict[str, str] | None = None) -> int:
    try:
        with urlopen(Request(url, method=method, headers=headers or {}), timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as refused:
        return refused.code
