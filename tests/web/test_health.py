import asyncio
from collections.abc import Mapping
from typing import cast

import pytest
from litestar import Litestar

from app.models.errors import StoreUnavailable
from app.web import health
from app.web.health import Checks, HealthChecks
from app.web.health_routes import make_health_router
from app.web.http.asgi import App
from tests.support.asgi import Answer, call

pytestmark = pytest.mark.anyio


async def ask(path: str, ready: Checks, method: str = "GET") -> Answer:
    return await call(HealthChecks(make_litestar(ready), ready), method, path)


def make_litestar(ready: Checks) -> App:
    routers = [make_health_router(ready)]
    return cast("App", Litestar(routers, openapi_config=None, logging_config=None))


async def test_live_looks_at_nothing() -> None:
    answer = await ask("/health/live", _unreachable)
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}')


async def test_ready_when_every_check_is_good() -> None:
    answer = await ask("/health/ready", _good)
    assert answer.status == 200
    assert answer.json() == {"status": "ok", "checks": {"database": True, "schema": True}}


async def test_not_ready_names_the_check_that_failed() -> None:
    answer = await ask("/health/ready", _stale)
    assert answer.status == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"database": True, "schema": False},
    }


async def test_not_ready_when_the_store_refuses() -> None:
    answer = await ask("/health/ready", _unreachable)
    assert (answer.status, answer.json()) == (503, {"status": "unavailable", "checks": {}})


async def test_not_ready_whatever_fails_and_the_log_has_one_line_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = await ask("/health/ready", _broken)
    assert (answer.status, answer.json()) == (503, {"status": "unavailable", "checks": {}})
    assert "not ready: RuntimeError: broken" in caplog.messages


async def test_not_ready_when_the_store_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_TIMEOUT", 0.01)
    answer = await ask("/health/ready", _silent)
    assert answer.status == 503


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_answers_are_never_stored(path: str) -> None:
    assert (await ask(path, _good)).header("cache-control") == "no-store"


@pytest.mark.parametrize(("path", "status"), [("/health/live", 200), ("/health/ready", 503)])
async def test_head_is_answered_like_get(path: str, status: int) -> None:
    """The server leaves the body out, see tests/commands/test_serve.py."""
    asked, got = await ask(path, _stale, "HEAD"), await ask(path, _stale)
    assert asked.status == got.status == status
    assert asked.headers == got.headers


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_litestar_which_documents_it_answers_the_same(path: str) -> None:
    answer, documented = await ask(path, _good), await call(make_litestar(_good), "GET", path)
    assert (answer.status, answer.body) == (documented.status, documented.body)
    assert dict(answer.headers) == dict(documented.headers)


async def test_other_methods_are_refused_by_litestar() -> None:
    answer = await ask("/health/live", _good, "POST")
    assert answer.status == 405


async def _good() -> Mapping[str, bool]:
    return {"database": True, "schema": True}


async def _stale() -> Mapping[str, bool]:
    return {"database": True, "schema": False}


async def _unreachable() -> Mapping[str, bool]:
    raise StoreUnavailable


async def _broken() -> Mapping[str, bool]:
    raise RuntimeError("broken\nin a way of its own")


async def _silent() -> Mapping[str, bool]:
    await asyncio.Event().wait()
    return {}
