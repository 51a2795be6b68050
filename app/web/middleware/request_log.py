"""Logs one line for each request, with a request id."""

import logging
import re
from asyncio import get_running_loop
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import count
from secrets import token_hex
from time import perf_counter, time
from typing import Final

from msgspec import Struct

from ...models.telemetry.log_context import LogContext, begin_request
from ...models.telemetry.log_events import Fact
from ...models.telemetry.metrics import METHODS, OTHER_METHOD
from ...settings.options import IpAddressOptions
from ..http.asgi import Scope
from ..http.client import find_ignored_header, identify_client, is_trusted_proxy
from ..http.headers import Headers
from ..http.trace_context import find_trace_id
from .log_lines import Handled, log_requests

_log = logging.getLogger("better_auth.request")
_SANE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_REQUEST_ID: Final = b"x-request-id"
_TRACEPARENT: Final = b"traceparent"
_NAMES: Final = frozenset({_REQUEST_ID, _TRACEPARENT})
_METHODS: Final = frozenset(METHODS)
CLIENT_LEFT: Final = 499  # nginx's number for a client that did not wait for the answer
_REFUSED: Final = 400
_TOO_MANY: Final = 429


# With the seconds that the request took.
CountRequest = Callable[[Handled, float, LogContext], None]


class LoggedRequest(Struct, frozen=True):
    """A request that began at `started`, in seconds of `perf_counter`."""

    id: str
    started: float
    context: LogContext


class RequestLog:
    """Logs method, route template, status and milliseconds, never a path (it may be secret).

    The template is in `scope["path_template"]`; Litestar or another layer sets it. For a refused
    request it also logs code, user and client IP. A valid `X-Request-Id` of a trusted proxy is
    used; the log also has the trace of a valid `traceparent`, of any client. `count` is called for
    each request, if there is one.
    """

    def __init__(self, addresses: IpAddressOptions, count: CountRequest | None = None) -> None:
        self._addresses = addresses
        self._count = count
        self._ids = _generate_ids()
        self._done: list[Handled] = []

    def begin(self, scope: Scope) -> LoggedRequest:
        """Gives a request its id. What this task logs from now on has it, too."""
        started = perf_counter()
        sent_id, trace_id = self._read_ids(scope)
        request_id = sent_id or next(self._ids)
        context = begin_request(request_id)
        context.trace_id = trace_id
        return LoggedRequest(request_id, started, context)

    def end(self, scope: Scope, request: LoggedRequest, status: int) -> None:
        """Logs and counts a request whose response is complete."""
        seconds = perf_counter() - request.started
        context, method = request.context, scope["method"]
        # Of a request that was served nothing: who asks for what is nobody's business.
        refused = status >= _REFUSED or context.refusal is not None
        line = Handled(
            at=time(),
            request_id=request.id,
            method=method if method in _METHODS else OTHER_METHOD,
            route=scope.get("path_template") or "unmatched",
            status=status,
            ms=round(seconds * 1000, 2),
            why=self._describe_refusal(scope, status, context) if refused else None,
            trace_id=context.trace_id,
        )
        if not self._done:
            # Requests that end in the same turn of the event loop are written together: a
            # record of the logging module costs as much as a quarter of a short request.
            get_running_loop().call_soon(self._write)
        self._done.append(line)
        if self._count is not None:
            self._count(line, seconds, context)

    def _read_ids(self, scope: Scope) -> tuple[str | None, str | None]:
        """Returns the request id of a trusted proxy, and the id of the trace, if there are any."""
        sent: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            if name in _NAMES:  # one look at each header: most requests have neither
                sent.setdefault(name, []).append(value)
        return (self._find_sent_id(scope, sent), _find_trace(sent)) if sent else (None, None)

    def _find_sent_id(self, scope: Scope, sent: Mapping[bytes, Sequence[bytes]]) -> str | None:
        valid = (value for value in sent.get(_REQUEST_ID, ()) if _SANE.fullmatch(value))
        found = next(valid, None)
        if found is None or not is_trusted_proxy(_find_peer(scope), self._addresses):
            return None
        return found.decode()

    def _describe_refusal(
        self, scope: Scope, status: int, context: LogContext
    ) -> Mapping[str, Fact]:
        headers, peer = Headers(scope["headers"]), _find_peer(scope)
        client = identify_client(peer, headers, self._addresses)
        facts = {
            "code": context.refusal or _find_status_name(status),
            "user": context.user_id,
            "client": client.ip or None,
        }
        if status == _TOO_MANY:  # too many of one client, or of all behind a proxy
            facts["ignored"] = find_ignored_header(peer, headers, self._addresses)
        return {name: value for name, value in facts.items() if value is not None}

    def _write(self) -> None:
        done, self._done = self._done, []
        log_requests(_log, done)


def _find_trace(sent: Mapping[bytes, Sequence[bytes]]) -> str | None:
    """Returns the id of the trace. None if several headers name one."""
    values = sent.get(_TRACEPARENT, ())
    return find_trace_id(values[0]) if len(values) == 1 else None


def _generate_ids() -> Iterator[str]:
    """Yields ids that are unique across processes, with one random prefix per process."""
    beginning = token_hex(6)
    return (f"{beginning}{number:06x}" for number in count(1))


def _find_peer(scope: Scope) -> str | None:
    return scope["client"][0] if scope.get("client") else None


def _find_status_name(status: int) -> str | None:
    try:
        return HTTPStatus(status).name
    except ValueError:  # a client that left was not refused
        return None
