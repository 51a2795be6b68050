"""Log lines on standard output: text for people, or JSON."""

import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Final, Literal

import msgspec

from ...models.telemetry.log_context import find_log_context
from ...models.telemetry.log_events import Fact

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_SERVER_ERROR: Final = 500
_VALUES: Final = re.compile(r"^(DETAIL:).*$", re.MULTILINE)
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;=]+@[^\s<>\"'(),;]+")
_BARE: Final = re.compile(r"[\w.:/@{}+-]+")
_encode = msgspec.json.Encoder().encode


class Handled(msgspec.Struct, frozen=True):
    """An answered request. `at` is the POSIX time in seconds when the response was complete.

    `why`: more facts of a refused request.
    """

    at: float
    request_id: str
    method: str
    route: str
    status: int
    ms: float
    why: Mapping[str, Fact] | None = None
    trace_id: str | None = None

    @property
    def level(self) -> str:
        """The level: `error` for status 500 and above."""
        return "error" if self.status >= _SERVER_ERROR else "info"


def configure_logging(form: Literal["console", "json"]) -> None:
    """Sends all log lines to standard output. Call it once in each process."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json() if form == "json" else _Console())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.raiseExceptions = False  # a log that can't be written is no reason to print tracebacks


def log_requests(logger: logging.Logger, requests: Sequence[Handled]) -> None:
    """Logs one line for each request. Many cost little more than one."""
    if logger.isEnabledFor(logging.INFO):
        # `logger.info` would look for the caller's file and line: a tenth of a short request.
        facts = {"name": logger.name, "levelno": logging.INFO, "levelname": "INFO"}
        # A text as `msg`: older handlers of OpenTelemetry can't export other objects there.
        shown = {"msg": "%s", "args": (_Lines(requests),), "requests": requests}
        logger.handle(logging.makeLogRecord({**facts, **shown}))


class _Lines(msgspec.Struct, frozen=True):
    """The text of requests for handlers of other programs: one line for each."""

    requests: Sequence[Handled]

    def __str__(self) -> str:
        return "\n".join(map(_describe_handled, self.requests))


def _describe_handled(done: Handled) -> str:
    why = _show(done.why) if done.why else ""
    why += f" trace_id={done.trace_id}" if done.trace_id else ""
    return f"{done.method} {done.route} {done.status} {done.ms:.2f} ms{why} {done.request_id}"


@lru_cache(maxsize=4)
def _format_second(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}"


def _time(at: float) -> str:
    return f"{_format_second(int(at))}.{int(at % 1 * 1000):03}Z"


def _get_facts(record: logging.LogRecord) -> dict[str, Fact]:
    facts: dict[str, Fact] = getattr(record, "facts", {})
    return facts


def _get_ids() -> dict[str, str]:
    """Returns the ids of the current request and of its trace, which every line of it has."""
    context = find_log_context()
    found = {} if context is None or not context.request_id else {"request_id": context.request_id}
    if context is not None and context.trace_id:
        found["trace_id"] = context.trace_id
    return found


def _describe_request() -> Iterator[str]:
    ids = _get_ids()
    if "trace_id" in ids:
        yield f"trace_id={ids['trace_id']}"
    if "request_id" in ids:
        yield ids["request_id"]


class _Traces(logging.Formatter):
    """Formats tracebacks without row values, which PostgreSQL quotes in its errors."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's own name
        text = super().formatException(ei)
        for detail in _get_details(ei[1]):
            text = text.replace(detail, "[values]")
        return _ADDRESS.sub("[address]", _VALUES.sub(r"\1 [values]", text))


def _get_details(error: BaseException | None) -> Iterator[str]:
    """Returns PostgreSQL's details about values, of every error in the chain."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            left += [one.__cause__, one.__context__]
            if hasattr(one, "sqlstate") and (detail := getattr(one, "detail", None)):
                yield str(detail)


class _Console(_Traces):
    def format(self, record: logging.LogRecord) -> str:
        requests: Sequence[Handled] = getattr(record, "requests", ())
        if requests:
            return "\n".join(map(self._request, requests))
        # A value may hold a line break, and a line must not be forged with one.
        said = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"{_time(record.created)} {record.levelname:<7} {said}{_show(_get_facts(record))}"
        line += "".join(f" {text}" for text in _describe_request())
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def _request(self, done: Handled) -> str:
        return f"{_time(done.at)} {done.level.upper():<7} {_describe_handled(done)}"


def _show(facts: Mapping[str, Fact]) -> str:
    return "".join(f" {name}={_quote(str(value))}" for name, value in facts.items())


def _quote(value: str) -> str:
    return value if _BARE.fullmatch(value) else _encode(value).decode()


class _Json(_Traces):
    def format(self, record: logging.LogRecord) -> str:
        requests: Sequence[Handled] = getattr(record, "requests", ())
        if requests:
            return "\n".join(map(self._request, requests))
        line: dict[str, object] = {
            "time": _time(record.created),
            "level": record.levelname.lower(),
        }
        line |= _get_ids()
        line |= {"logger": record.name, "message": record.getMessage(), **_get_facts(record)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return _encode(line).decode()

    def _request(self, done: Handled) -> str:
        line = {"time": _time(done.at), "level": done.level, **msgspec.structs.asdict(done)}
        del line["at"], line["why"]
        if done.trace_id is None:
            del line["trace_id"]
        if done.why:
            line |= done.why
        return _encode(line).decode()
