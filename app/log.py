"""Log lines on standard output: for eyes, or as JSON for machines."""

import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec

_SERVER_ERROR: Final = 500


class Handled(msgspec.Struct, frozen=True):
    """A request that was answered; `at` is POSIX time in seconds, when the answer was complete."""

    at: float
    request_id: str
    method: str
    route: str
    status: int
    ms: float

    @property
    def level(self) -> str:
        """A fault of ours stands out."""
        return "error" if self.status >= _SERVER_ERROR else "info"


def configure_logging(form: Literal["console", "json"]) -> None:
    """Sends every logger's lines to standard output; call once in each process."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json() if form == "json" else _Console())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.raiseExceptions = False  # a log that can't be written is no reason to print tracebacks


def log_requests(logger: logging.Logger, requests: Sequence[Handled]) -> None:
    """One line for each; together they cost little more than one record."""
    logger.info("%d requests", len(requests), extra={"requests": requests})


@lru_cache(maxsize=4)
def _second(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}"


def _time(at: float) -> str:
    return f"{_second(int(at))}.{int(at % 1 * 1000):03}Z"


class _Console(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        requests: Sequence[Handled] = getattr(record, "requests", ())
        if requests:
            return "\n".join(map(self._request, requests))
        # A value may hold a line break, and a line must not be forged with one.
        said = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"{_time(record.created)} {record.levelname:<7} {said}"
        request_id = getattr(record, "request_id", None)
        line += f" {request_id}" if request_id else ""
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def _request(self, done: Handled) -> str:
        what = f"{done.method} {done.route} {done.status} {done.ms:.2f} ms {done.request_id}"
        return f"{_time(done.at)} {done.level.upper():<7} {what}"


class _Json(logging.Formatter):
    _encode = staticmethod(msgspec.json.Encoder().encode)

    def format(self, record: logging.LogRecord) -> str:
        requests: Sequence[Handled] = getattr(record, "requests", ())
        if requests:
            return "\n".join(map(self._request, requests))
        line = {"time": _time(record.created), "level": record.levelname.lower()}
        if request_id := getattr(record, "request_id", None):
            line["request_id"] = request_id
        line |= {"logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return self._encode(line).decode()

    def _request(self, done: Handled) -> str:
        line = {"time": _time(done.at), "level": done.level, **msgspec.structs.asdict(done)}
        del line["at"]
        return self._encode(line).decode()
