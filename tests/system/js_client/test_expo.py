"""The real `@better-auth/expo` in the app of docs/expo.md, as a phone sends its requests."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import node, programs
from tests.support.pages import block

from .flow import FLOW_SECONDS, HERE, Result
from .service import running

pytestmark = pytest.mark.xdist_group("client")

PLACE = "http://192.168.1.20:8000"
ENV = block("docs/expo.md", "The service", "sh")
INSTALL = block("docs/expo.md", "The app", "sh")
APP = [block("docs/expo.md", "The app", "ts"), block("docs/expo.md", "The app", "ts", 1)]
SETTINGS = dict(line.split("=", 1) for line in ENV.splitlines() if not line.startswith("#"))
EXPO_GO = "192.168.1.20:8081"


def run_app(folder: Path, *, expo_go: str = "", **settings: str) -> Result:
    """What happened to a person with the app, in a build of it or in Expo Go."""
    port = programs.free_port()
    url = f"http://localhost:{port}"
    for text in APP:
        place = folder / text.partition("\n")[0].removeprefix("// ")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace(PLACE, url))
    node.install(HERE)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    pasted = {name: text.replace(PLACE, url) for name, text in SETTINGS.items()}
    with running(
        "sqlite:///auth.db", folder, PORT=str(port), TASK_API="true", **{**pasted, **settings}
    ) as service:
        script = ["--import", str(HERE / "expo" / "phone.mjs"), str(HERE / "expo" / "run.mjs")]
        done = subprocess.run(
            [str(node.node()), *script, str(folder), str(service.mails)],
            env={"EXPO_GO": expo_go},
            check=False,
            capture_output=True,
            text=True,
            timeout=FLOW_SECONDS,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["", EXPO_GO], ids=["build", "expo-go"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Result:
    result = run_app(
        tmp_path_factory.mktemp("expo"),
        expo_go=request.param,
        BETTER_AUTH_EMAIL_VERIFICATION_AUTO_SIGN_IN_AFTER_VERIFICATION="true",
    )
    return {**result, "is_expo_go": bool(request.param)}


def test_person_signs_up_and_reads_tasks(app: Result) -> None:
    assert app["signedUp"]["error"] is None
    assert app["session"]["data"]["user"]["email"] == app["ada"]["email"]
    assert app["tasks"] == []


def test_phone_names_no_origin_but_its_app(app: Result) -> None:
    posts = [each for each in app["sent"] if each["method"] == "POST"]
    expected = f"exp://{EXPO_GO}" if app["is_expo_go"] else "myapp://"
    assert posts
    assert {each["headers"]["expo-origin"] for each in posts} == {expected}
    assert not any("origin" in each["headers"] for each in app["sent"])


def test_requests_with_the_cookie_are_taken(app: Result) -> None:
    """`INVALID_ORIGIN` or `MISSING_OR_NULL_ORIGIN` is what they got without `expo-origin`."""
    assert "session_token=" in app["cookie"]
    assert app["renamed"] == {"data": {"status": True}, "error": None}
    assert app["mail"]["error"] is None


def test_link_of_a_mail_leads_into_the_app_and_carries_no_session(app: Result) -> None:
    """The mail of `/send-verification-email`, which was asked for with `/verified`."""
    place = f"exp://{EXPO_GO}/--/verified" if app["is_expo_go"] else "myapp:///verified"
    assert app["location"] == place


def test_signing_out_ends_the_session_on_the_server(app: Result) -> None:
    assert app["signedOut"] == {"data": {"success": True}, "error": None}
    assert app["afterwards"] is None
    assert app["again"]["error"] is None


def test_app_that_is_not_trusted_gets_nothing(tmp_path: Path) -> None:
    result = run_app(tmp_path, BETTER_AUTH_TRUSTED_ORIGINS="otherapp://")
    assert result["signedUp"]["error"]["status"] == 403
    assert result["again"]["error"]["status"] == 403


def test_page_installs_what_the_client_needs() -> None:
    named = set(INSTALL.split()) - {"npx", "expo", "install"}
    package = json.loads((HERE / "node_modules/@better-auth/expo/package.json").read_text())
    optional = {name for name in package["peerDependencies"] if name.startswith("expo-")}
    assert named == optional | {"better-auth", "@better-auth/expo"}
