"""Cookie caches in a replay: recorded ones have ended, so requests bring ours in their place."""

import json
from datetime import UTC, datetime

from msgspec import structs

from app.clock import now
from app.cookie_definitions import cookie_definition
from app.sessions.cache.chunks import assembled, belonging
from app.sessions.cache.cookie_cache import codec_of
from app.settings import Settings

from .recording import Lines, Request, Response

_RECORDED = datetime(2026, 11, 21, tzinfo=UTC)  # before any of them ended
_LOGICAL = ("session", "user", "updatedAt", "version")


class Caches:
    """Which of our values stands for which recorded one."""

    def __init__(self, settings: Settings) -> None:
        self._name = cookie_definition(settings, "session_data").name
        self._codec = codec_of(settings)
        self._ours: dict[str, str] = {}

    def request(self, request: Request) -> Request:
        """The request with our caches."""
        return structs.replace(
            request, headers=[(name, self._swapped(name, value)) for name, value in request.headers]
        )

    def learn(self, recorded: Response, ours: Response, swap: tuple[str, str] | None) -> None:
        """From now on our cache is sent for the recorded one; `swap` renames its token."""
        theirs, mine = self._values(recorded), self._values(ours)
        payload = self._payload(mine)
        if payload is None:
            return
        text = _text(payload).replace(*swap or ("", ""))
        rest = self._codec.seal(text.encode(), 300, now())
        for name, value in mine.items():
            end = len(value) if name != list(mine)[-1] else None
            self._ours[theirs.get(name, "")] = rest[:end]
            rest = rest[len(value) :]

    def opened(self, response: Response, swap: tuple[str, str] | None = None) -> Response:
        """The answer with what its cache says, in the first line of it, as JSON."""
        payload = self._payload(self._values(response))
        if payload is None:
            return response
        payload.pop("updatedAt")
        text = _text(payload).replace(*swap or ("", ""))
        headers: Lines = []
        for name, value in response.headers:
            cookie, _, rest = value.partition("=")
            held, _, attributes = rest.partition(";")
            if name == "set-cookie" and held and belonging(self._name, [cookie]):
                headers.append((name, f"{cookie}={text};{attributes}"))
                text = "{}"
            else:
                headers.append((name, value))
        return structs.replace(response, headers=headers)

    def _swapped(self, name: str, value: str) -> str:
        if name.lower() != "cookie":
            return value
        pairs = [pair.partition("=") for pair in value.split("; ")]
        return "; ".join(f"{cookie}={self._ours.get(held, held)}" for cookie, _, held in pairs)

    def _values(self, response: Response) -> dict[str, str]:
        lines = [
            value.partition(";")[0] for name, value in response.headers if name == "set-cookie"
        ]
        found = {name: value for name, _, value in (line.partition("=") for line in lines) if value}
        return {name: found[name] for name in belonging(self._name, found)}

    def _payload(self, values: dict[str, str]) -> dict[str, object] | None:
        opened = self._codec.open(assembled(self._name, values), _RECORDED) if values else None
        document = {} if opened is None else json.loads(opened.payload)
        return {key: document[key] for key in _LOGICAL} if document else None


def _text(payload: dict[str, object]) -> str:
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
