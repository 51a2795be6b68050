"""Five ways to know who is calling, each by its settings alone, with the real service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Scene, scene, served
from .people import Person, Reply, ask, sign_out, sign_up

pytestmark = pytest.mark.xdist_group("published")

EXTRAS = "fastapi,jwks,database"
SESSION_MODES = ("cookie", "bearer", "remote", "live")
NOWHERE = "http://127.0.0.1:9"  # the port called discard, which nobody serves


@pytest.fixture(scope="session")
def key_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The service with tokens as Better Auth's own plugin makes them."""
    with scene(tmp_path_factory.mktemp("eddsa"), BETTER_AUTH_JWT_ALG="EdDSA") as found:
        yield found


def settings_of(mode: str, scene: Scene) -> dict[str, str]:
    database = {"DATABASE_URL": f"sqlite:///{scene.folder / 'auth.db'}"}
    own: dict[str, dict[str, str]] = {
        "cookie": {"BETTER_AUTH_BRIDGE_MODE": "cookie", **database},
        "bearer": {"BETTER_AUTH_BRIDGE_MODE": "bearer", **database},
        "live": {"BETTER_AUTH_BRIDGE_LIVE": "true", **database},
    }
    if mode == "remote":
        return {"BETTER_AUTH_URL": scene.service.url, "BETTER_AUTH_BRIDGE_MODE": "remote"}
    return {**scene.environ, **own[mode]}


def shown(mode: str, person: Person) -> dict[str, str]:
    if mode in {"cookie", "remote"}:
        return {"cookie": person.cookie}
    return (
        {"authorization": f"Bearer {person.session_token}"} if mode == "bearer" else person.bearer
    )


@pytest.fixture(scope="module", params=SESSION_MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def api(mode: str, shared_secret: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = settings_of(mode, shared_secret)
    with served("consumer_fastapi", EXTRAS, environ, tmp_path_factory.mktemp(mode)) as url:
        yield url


def test_the_person_whose_session_it_is(mode: str, api: str, shared_secret: Scene) -> None:
    ann = shared_secret.ann
    found = ask(f"{api}/me", shown(mode, ann)).json()
    assert (found["id"], found["email"]) == (ann.id, "ann@example.com")
    assert found["session"] not in {None, ann.session_token}


def test_own_path_and_that_of_somebody_else(mode: str, api: str, shared_secret: Scene) -> None:
    ann, bob = shared_secret.ann, shared_secret.bob
    assert ask(f"{api}/api/{ann.id}/tasks", shown(mode, ann)).status == 200
    assert ask(f"{api}/api/{bob.id}/tasks", shown(mode, ann)).status == 403


def test_no_credentials(api: str) -> None:
    assert ask(f"{api}/me").status == 401
    assert ask(f"{api}/hello").json() == "Hello stranger"


def test_a_session_that_has_ended_is_refused_at_once(
    mode: str, api: str, shared_secret: Scene
) -> None:
    person = sign_up(shared_secret.service.url, f"Leaver-{mode}")
    assert ask(f"{api}/me", shown(mode, person)).status == 200
    sign_out(shared_secret.service.url, person)
    reply = ask(f"{api}/me", shown(mode, person))
    assert (reply.status, 'error="invalid_token"' in challenge(reply)) == (401, True)


def test_made_up_credentials_are_refused(mode: str, api: str, shared_secret: Scene) -> None:
    changed = {
        name: value.replace(value[-12:-4], "AAAAAAAA")
        for name, value in shown(mode, shared_secret.ann).items()
    }
    reply = ask(f"{api}/me", changed)
    assert reply.status == 401
    assert shared_secret.ann.session_token not in f"{reply}"


def test_one_route_alone_may_look_at_the_session(shared_secret: Scene, tmp_path: Path) -> None:
    application = (
        "from better_auth_bridge.fastapi import LiveUser\n"
        "from consumer_fastapi import app\n\n"
        "@app.get('/now')\nasync def now(user: LiveUser) -> str:\n    return user.id\n"
    )
    environ = settings_of("live", shared_secret) | {"BETTER_AUTH_BRIDGE_LIVE": "false"}
    person = sign_up(shared_secret.service.url, "Leaver")
    with served(application, EXTRAS, environ, tmp_path) as api:
        assert ask(f"{api}/now", person.bearer).json() == person.id
        sign_out(shared_secret.service.url, person)
        assert ask(f"{api}/now", person.bearer).status == 401
        assert ask(f"{api}/me", person.bearer).status == 200, "the token itself is good"


def test_public_keys_by_url(key_pair: Scene, tmp_path: Path) -> None:
    environ = {"BETTER_AUTH_JWT_ALG": "EdDSA", "BETTER_AUTH_URL": key_pair.service.url}
    with served("consumer_fastapi", EXTRAS, environ, tmp_path) as api:
        assert ask(f"{api}/me", key_pair.ann.bearer).json()["id"] == key_pair.ann.id
        assert ask(f"{api}/api/{key_pair.bob.id}/tasks", key_pair.ann.bearer).status == 403
        assert challenge(ask(f"{api}/me")) == "Bearer"


def test_keys_from_an_address_that_is_not_the_issuers(key_pair: Scene, tmp_path: Path) -> None:
    port = key_pair.service.url.rpartition(":")[2]
    environ = {
        "BETTER_AUTH_JWT_ALG": "EdDSA",
        "BETTER_AUTH_URL": key_pair.service.url,
        "BETTER_AUTH_BRIDGE_JWKS_URL": f"http://127.0.0.1:{port}/api/auth/jwks",
    }
    with served("consumer_fastapi", EXTRAS, environ, tmp_path) as api:
        assert ask(f"{api}/me", key_pair.ann.bearer).status == 200


@pytest.mark.parametrize(
    "environ",
    [
        {"BETTER_AUTH_JWT_ALG": "EdDSA", "BETTER_AUTH_BRIDGE_JWKS_URL": f"{NOWHERE}/jwks"},
        {
            "BETTER_AUTH_BRIDGE_MODE": "remote",
            "BETTER_AUTH_BRIDGE_SESSION_URL": f"{NOWHERE}/get-session",
        },
    ],
)
def test_a_service_that_is_away_is_503_and_nobodys_fault(
    environ: dict[str, str], key_pair: Scene, tmp_path: Path
) -> None:
    own = {"BETTER_AUTH_URL": key_pair.service.url, **environ}
    with served("consumer_fastapi", EXTRAS, own, tmp_path) as api:
        reply = ask(f"{api}/me", {**key_pair.ann.bearer, "cookie": key_pair.ann.cookie})
        assert (reply.status, reply.header("www-authenticate")) == (503, None)
        assert "127.0.0.1" not in reply.body.decode()


def test_a_cookie_counts_from_trusted_pages_alone(shared_secret: Scene, tmp_path: Path) -> None:
    own, cookie = {"origin": shared_secret.service.url}, {"cookie": shared_secret.ann.cookie}
    with served("consumer_fastapi", EXTRAS, settings_of("cookie", shared_secret), tmp_path) as api:
        assert ask(f"{api}/me", cookie | own).status == 200
        assert ask(f"{api}/me", cookie | {"origin": "https://evil.example"}).status == 403


def test_the_docs_of_cookies_draw_their_padlock(shared_secret: Scene, tmp_path: Path) -> None:
    environ = settings_of("cookie", shared_secret)
    with served("consumer_fastapi", EXTRAS, environ, tmp_path) as api:
        document = ask(f"{api}/openapi.json").json()
    (scheme,) = document["components"]["securitySchemes"].values()
    assert scheme == {"type": "apiKey", "in": "cookie", "name": "better-auth.session_token"}
    assert "403" in document["paths"]["/me"]["get"]["responses"]


def challenge(reply: Reply) -> str:
    return reply.header("www-authenticate") or ""
