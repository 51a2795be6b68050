"""No page of a browser gains by `expo-origin`: what Chromium does with one that tries."""

from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.system.js_client.service import PAGE, Service, running

pytestmark = pytest.mark.xdist_group("browser")

# Without a referrer, the least that a browser can say of a page.
HTML = b'<meta name="referrer" content="no-referrer"><title>Stranger</title>'
SEND = """async ([url, mode]) => fetch(url, {
  method: "POST",
  mode,
  credentials: "include",
  headers: { "expo-origin": "myapp://", "content-type": "text/plain" },
  body: "{}",
}).then(({ type }) => type, (error) => error.name)"""
SUBMIT = """(url) => {
  const field = Object.assign(document.createElement("input"), { name: "expo-origin" });
  const form = Object.assign(document.createElement("form"), { method: "POST", action: url });
  form.append(field);
  document.body.append(form);
  form.submit();
}"""


class Stranger(ThreadingHTTPServer):
    """Serves `HTML`, and keeps the headers of what is posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[Message] = []

    @property
    def origin(self) -> str:
        """Of the site of the services here, so that cookies go with its requests."""
        return f"http://localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(HTML)

    def do_POST(self) -> None:
        assert isinstance(self.server, Stranger)
        self.server.posted.append(self.headers)
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with Stranger() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that trusts an app."""
    trusted = f"{PAGE},myapp://"
    folder = tmp_path_factory.mktemp("service")
    with running("sqlite:///auth.db", folder, BETTER_AUTH_TRUSTED_ORIGINS=trusted) as started:
        yield started


@pytest.fixture
def context(browser: Browser, service: Service) -> Iterator[BrowserContext]:
    """Somebody who is signed in at the service."""
    context = browser.new_context()
    email = f"expo-{id(context)}@example.com"
    body = {"name": "Ada", "email": email, "password": "correct horse battery"}
    assert context.request.post(f"{service.url}/api/auth/sign-up/email", data=body).ok
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, stranger: Stranger) -> Page:
    """A stranger's, in the same browser."""
    page = context.new_page()
    page.goto(f"{stranger.origin}/")
    return page


def test_stranger_signs_nobody_out(page: Page, context: BrowserContext, service: Service) -> None:
    url = f"{service.url}/api/auth/sign-out"
    assert page.evaluate(SEND, [url, "cors"]) == "TypeError"
    assert page.evaluate(SEND, [url, "no-cors"]) == "opaque"
    with page.expect_navigation():
        page.evaluate(SUBMIT, url)
    assert context.request.get(f"{service.url}/api/auth/get-session").json() is not None


def test_browser_names_an_origin_and_leaves_the_header_out(page: Page, stranger: Stranger) -> None:
    with Stranger() as other:
        Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
        assert page.evaluate(SEND, [other.origin, "cors"]) == "TypeError"
        assert other.posted == [], "the preflight was not answered"
        assert page.evaluate(SEND, [other.origin, "no-cors"]) == "opaque"
        with page.expect_navigation():
            page.evaluate(SUBMIT, other.origin)
        other.shutdown()
    assert [headers["origin"] for headers in other.posted] == [stranger.origin, "null"]
    assert not any("expo-origin" in headers for headers in other.posted)
