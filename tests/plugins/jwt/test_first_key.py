"""The first use of a key pair, when processes that share a database race for it."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import jwt
import pytest

from app.storage.database import Database
from tests.support.service import serve
from tests.system.js_client.service import running

pytestmark = pytest.mark.anyio

CALLS = 20


async def test_parallel_first_calls_of_two_processes_make_one_key(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    session = (await (await serve(database)).sign_up()).json()["token"]
    variables = {"BETTER_AUTH_JWT_ALG": "RS256"}  # the slowest to make
    with ExitStack() as stack, ThreadPoolExecutor(CALLS) as pool:
        services = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            services.append(
                stack.enter_context(running(database_url, tmp_path / name, **variables))
            )
        calls = [(services[n % 2].url, session) for n in range(CALLS)]
        kids = list(pool.map(_kid, calls))
        (key,) = _read(f"{services[0].url}/api/auth/jwks")["keys"]
    assert kids == [key["kid"]] * CALLS


def _kid(call: tuple[str, str]) -> str:
    url, session = call
    token = _read(f"{url}/api/auth/token", session)["token"]
    return str(jwt.get_unverified_header(token)["kid"])


def _read(url: str, session: str = "") -> Any:  # JSON
    headers = {"Authorization": f"Bearer {session}"} if session else {}
    request = Request(url, headers=headers)  # noqa: S310  # of this machine
    with urlopen(request) as answer:  # noqa: S310  # the same
        return json.load(answer)
