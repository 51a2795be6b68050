"""What the front layer learned of a request it let through, for the handler behind it."""

from collections.abc import Mapping

from msgspec import Struct

from ..http.asgi import Scope
from ..http.client import Client
from ..http.headers import Headers
from ..input.parsed_body import Document
from ..origins.checks import EVERY_CHECK, Checks

_KEY = "admitted"


class Admitted(Struct, frozen=True):
    """Who sends the request, its headers, its body as JavaScript reads it; what to check of it."""

    client: Client
    headers: Headers
    document: Document
    checks: Checks = EVERY_CHECK


def admit(scope: Scope, admitted: Admitted) -> None:
    """Hand `admitted` to whoever handles this request."""
    scope.setdefault("state", {})[_KEY] = admitted


def admitted(scope: Mapping[str, object]) -> Admitted:
    """What `admit` handed over."""
    state = scope["state"]
    assert isinstance(state, dict)
    found = state[_KEY]
    assert isinstance(found, Admitted)
    return found
