"""The installed package in a real FastAPI application, against tokens of the real service."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.bridge.minting import good_claims, mint, raw_header
from tests.system.js_client.service import SECRET, inherited

from .conftest import HERE, Scene
from .environments import environment
from .people import Reply, ask

pytestmark = pytest.mark.xdist_group("published")

UNUSABLE = re.compile(r'Bearer error="invalid_token", error_description="([^"]+)"')


def refused(reply: Reply) -> tuple[int, str | None]:
    return reply.status, reply.header("www-authenticate")


def test_the_person_whose_token_it_is(shared_secret: Scene, hs256_api: str) -> None:
    ann = shared_secret.ann
    found = ask(f"{hs256_api}/me", ann.bearer).json()
    assert found["id"] == found["sub"] == ann.id
    assert found["email"] == "ann@example.com"
    assert found["session"] not in {None, ann.session_token}


def test_no_credentials_get_a_bare_challenge(hs256_api: str) -> None:
    assert refused(ask(f"{hs256_api}/me")) == (401, "Bearer")


def test_a_bad_token_is_told_why_and_not_repeated(shared_secret: Scene, hs256_api: str) -> None:
    token = shared_secret.ann.token
    reply = ask(f"{hs256_api}/me", {"authorization": f"Bearer {token[:-4]}AAAA"})
    assert reply.status == 401
    challenge = UNUSABLE.fullmatch(reply.header("www-authenticate") or "")
    assert challenge is not None
    assert reply.json() == {"detail": challenge[1]}
    assert token.split(".")[1] not in str(reply)


def test_a_token_of_another_kind_of_key_is_told_which_is_expected(hs256_api: str) -> None:
    token = raw_header(alg="EdDSA", typ="at+jwt")
    assert ask(f"{hs256_api}/me", {"authorization": f"Bearer {token}"}).json() == {
        "detail": "alg EdDSA, expected HS256"
    }


def test_a_token_of_another_issuer(hs256_api: str) -> None:
    token = mint(good_claims(iss="https://elsewhere.example.com"), secret=SECRET)
    reply = ask(f"{hs256_api}/me", {"authorization": f"Bearer {token}"})
    assert reply.status == 401
    assert reply.json()["detail"].startswith("issuer 'https://elsewhere.example.com'")


def test_own_path_and_that_of_somebody_else(shared_secret: Scene, hs256_api: str) -> None:
    ann, bob = shared_secret.ann, shared_secret.bob
    assert ask(f"{hs256_api}/api/{ann.id}/tasks", ann.bearer).json() == [ann.id]
    assert refused(ask(f"{hs256_api}/api/{bob.id}/tasks", ann.bearer)) == (403, None)
    assert refused(ask(f"{hs256_api}/api/{ann.id}/tasks")) == (401, "Bearer")


def test_a_router_may_hold_the_id_and_the_route_may_read_it(
    shared_secret: Scene, hs256_api: str
) -> None:
    ann, bob = shared_secret.ann, shared_secret.bob
    assert ask(f"{hs256_api}/members/{ann.id}/name", ann.bearer).json() == "Ann"
    assert ask(f"{hs256_api}/members/{bob.id}/name", ann.bearer).status == 403


def test_credentials_may_be_absent_where_the_type_says_so_but_not_bad(
    shared_secret: Scene, hs256_api: str
) -> None:
    assert ask(f"{hs256_api}/hello").json() == "Hello stranger"
    assert ask(f"{hs256_api}/hello", shared_secret.ann.bearer).json() == "Hello Ann"
    assert ask(f"{hs256_api}/hello", {"authorization": "Bearer x"}).status == 401


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/me", {"200", "401", "503"}),
        ("/hello", {"200", "401", "503"}),
        ("/api/{user_id}/tasks", {"200", "401", "403", "422", "503"}),
        ("/members/{user_id}/name", {"200", "401", "403", "422", "503"}),
        ("/guarded", {"200", "401", "503"}),
        ("/open", {"200"}),
    ],
)
def test_the_docs_say_what_a_route_answers(hs256_api: str, path: str, statuses: set[str]) -> None:
    operation = ask(f"{hs256_api}/openapi.json").json()["paths"][path]["get"]
    assert set(operation["responses"]) == statuses
    assert ("security" in operation) == ("401" in statuses)


def test_the_docs_have_a_padlock_for_bearer_tokens(hs256_api: str) -> None:
    document = ask(f"{hs256_api}/openapi.json").json()
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, "BETTER_AUTH_SECRET is missing: "),
        ({"BETTER_AUTH_SECRET": "short"}, "the secret is shorter than 32 characters: "),
        (
            {"BETTER_AUTH_SECRET": SECRET, "BETTER_AUTH_BRIDGE_MOD": "jwks"},
            "BETTER_AUTH_BRIDGE_MOD is not a setting: did you mean BETTER_AUTH_BRIDGE_MODE?",
        ),
        (
            {"BETTER_AUTH_JWT_ALG": "EdDSA", "BETTER_AUTH_URL": "http://localhost:1"},
            'BETTER_AUTH_BRIDGE_MODE=jwks needs httpx: pip install "better-auth-bridge[',
        ),
    ],
)
def test_an_application_with_bad_settings_does_not_start(
    environ: dict[str, str], line: str
) -> None:
    done = _python("import consumer_fastapi", environ)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        f"better_auth_bridge.settings.SettingsError: {line}"
    )


def test_liveness_that_can_not_work_is_told_at_start() -> None:
    script = (
        "from consumer_fastapi import LiveUser, app\n"
        "@app.get('/now')\ndef now(user: LiveUser) -> None: ...\n"
    )
    done = _python(script, {"BETTER_AUTH_SECRET": SECRET, "BETTER_AUTH_URL": "http://localhost:1"})
    assert "LiveUser needs DATABASE_URL" in done.stderr.splitlines()[-1]


def test_one_warning_where_no_issuer_is_known(tmp_path: Path) -> None:
    done = _python("import consumer_fastapi", {"BETTER_AUTH_SECRET": SECRET})
    assert done.returncode == 0, done.stderr
    assert len(re.findall("BETTER_AUTH_URL is not set", done.stderr)) == 1


def _python(script: str, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [str(environment("fastapi", "uvicorn")), "-c", script]
    own = inherited() | {"PYTHONPATH": str(HERE)} | environ
    return subprocess.run(command, env=own, capture_output=True, text=True, check=False)
