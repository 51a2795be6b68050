"""Behind the rewrite the service limits people, not the Next.js server before it."""

from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import httpx
import pytest

from .conftest import running_backend
from .place import Connection, Place

pytestmark = [
    pytest.mark.xdist_group("nextjs"),
    pytest.mark.parametrize("connection", [Connection.ONE_ORIGIN], indirect=True),
    pytest.mark.parametrize("task_server", ["service"], indirect=True),
]

MOST = 3
RULES = f'{{"/sign-in/*": {{"window": 600, "max": {MOST}}}}}'
Address = Callable[[], str]


@pytest.fixture(scope="module")
def limited(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Whoever signs in more often has to wait for ten minutes."""
    settings = {
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "true",
        "BETTER_AUTH_RATE_LIMIT_CUSTOM_RULES": RULES,
    }
    with running_backend(place, None, tmp_path_factory.mktemp("service"), **settings):
        yield place


@pytest.fixture(scope="module")
def new_address() -> Address:
    """An address that nobody has used to sign in, and that this machine can connect from."""
    numbers = count(2)
    return lambda: f"127.0.0.{next(numbers)}"


def test_two_clients_do_not_share_a_limit(limited: Place, new_address: Address) -> None:
    exhaust(limited, new_address())
    assert sign_in(limited, new_address()) == 401


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip"])
def test_a_header_that_a_client_made_up_opens_no_new_one(
    limited: Place, new_address: Address, name: str
) -> None:
    address = new_address()
    exhaust(limited, address)
    assert sign_in(limited, address, (name, "203.0.113.7")) == 429
    assert sign_in(limited, address, (name, "203.0.113.7"), (name, "10.0.0.1, 127.0.0.1")) == 429


def test_a_header_that_names_somebody_else_uses_up_nothing_of_theirs(
    limited: Place, new_address: Address
) -> None:
    address, other = new_address(), new_address()
    for _ in range(MOST):
        assert sign_in(limited, address, ("x-forwarded-for", other)) == 401
    exhaust(limited, other)


def test_a_trusted_proxy_before_the_app_speaks_for_its_clients(limited: Place) -> None:
    proxy = "127.0.0.1"
    for _ in range(MOST):
        assert sign_in(limited, proxy, ("x-forwarded-for", "203.0.113.7")) == 401
    assert sign_in(limited, proxy, ("x-forwarded-for", "203.0.113.7")) == 429
    assert sign_in(limited, proxy, ("x-forwarded-for", "203.0.113.8")) == 401


def test_a_session_says_where_its_person_was(limited: Place, new_address: Address) -> None:
    address = new_address()
    with client(address) as ada:
        url = f"http://127.0.0.1:{limited.app_port}/api/auth"
        body = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
        ada.post(f"{url}/sign-up/email", json=body, headers={"origin": limited.app})
        assert ada.get(f"{url}/get-session").json()["session"]["ipAddress"] == address


def exhaust(place: Place, address: str) -> None:
    assert [sign_in(place, address) for _ in range(MOST)] == [401] * MOST
    assert sign_in(place, address) == 429


def sign_in(place: Place, address: str, *headers: tuple[str, str]) -> int:
    """The status of an attempt that must fail, sent from this address."""
    url = f"http://127.0.0.1:{place.app_port}/api/auth/sign-in/email"
    body = {"email": f"{uuid4().hex}@example.com", "password": "wrong password"}
    with client(address) as person:
        return person.post(url, json=body, headers=[("origin", place.app), *headers]).status_code


def client(address: str) -> httpx.Client:
    return httpx.Client(transport=httpx.HTTPTransport(local_address=address))
