"""What the front controller learned about a request, for its handler."""

from collections.abc import Mapping

from msgspec import Struct

from ..http.asgi import Scope
from ..http.client import Client
from ..http.headers import Headers
from ..input.parsed_body import Document
from ..origins.checks import EVERY_CHECK, Checks

_KEY = "admitted"


class Admitted(Struct, frozen=True):
    """Client, headers and parsed body of a request, and the checks that it needs."""

    client: Client
    headers: Headers
    document: Document
    checks: Checks = EVERY_CHECK


def admit(scope: Scope, admitted: Admitted) -> None:
    """Stores the context for the handler of this request."""
    scope.setdefault("state", {})[_KEY] = admitted


def admitted(scope: Mapping[str, object]) -> Admitted:
    """Returns the context that `admit` stored."""
    state = scope["state"]
    assert isinstance(state, dict)
    found = state[_KEY]
    assert isinstance(found, Admitted)
    return found
