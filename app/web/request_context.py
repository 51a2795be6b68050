"""What the front controller learned of a request that it let through, for the endpoint."""

from collections.abc import Mapping

from msgspec import Struct

from ..models.records import Client
from .http.asgi import Scope
from .http.headers import Headers
from .input.parsed_body import ParsedBody
from .origins.checks import EVERY_CHECK, OriginChecks
from .origins.trusted_origins import TrustedOrigins

_KEY = "request_context"


class RequestContext(Struct, frozen=True):
    """Who sends the request, its headers and parsed body, and the checks that it has to pass.

    `path` is that below the base path, still percent-encoded.
    """

    path: str
    client: Client
    headers: Headers
    body: ParsedBody
    trusted: TrustedOrigins
    checks: OriginChecks = EVERY_CHECK


def set_request_context(scope: Scope, context: RequestContext) -> None:
    """Hand `context` to the endpoint that answers this request."""
    scope.setdefault("state", {})[_KEY] = context


def get_request_context(scope: Mapping[str, object]) -> RequestContext:
    """What `set_request_context` handed over."""
    state = scope["state"]
    assert isinstance(state, dict)
    found = state[_KEY]
    assert isinstance(found, RequestContext)
    return found
