"""The Redis of one side: what stands there, and what time or a loss does to it."""

import asyncio
import json
import re
import time
from datetime import timedelta
from typing import Any

from msgspec import Struct
from redis import Redis

from app.models.clock import from_iso, to_iso

Entry = dict[str, Any]  # a key, its decoded JSON and the second at which it ends
_RANDOM = re.compile(r"((?<=one-time-token:)[\w-]{32}|[A-Za-z0-9]{24,})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Storage(Struct, frozen=True):
    url: str

    async def entries(self) -> list[Entry]:
        """Every key in an order that both sides share: its value, and when it ends."""
        return await asyncio.to_thread(self._entries)

    async def lose(self) -> None:
        """Everything, as a restart without persistence does."""
        await asyncio.to_thread(lambda: self._client().flushdb())

    async def age(self, by: timedelta) -> None:
        """Move the expiry of every session; the keys live on."""
        await asyncio.to_thread(self._age, by)

    def _entries(self) -> list[Entry]:
        with self._client() as client:
            found = [(key, client.get(key), client.ttl(key)) for key in client.scan_iter()]
        found.sort(key=lambda entry: (_RANDOM.sub("*", entry[0]), _MOMENT.findall(entry[1])))
        return [
            {"key": _RANDOM.split(key), "value": json.loads(value), "ends": int(time.time()) + ttl}
            for key, value, ttl in found
        ]

    def _age(self, by: timedelta) -> None:
        with self._client() as client:
            for key in client.scan_iter():
                entry = json.loads(client.get(key))
                if isinstance(entry, dict) and "session" in entry:
                    session = entry["session"]
                    session["expiresAt"] = to_iso(from_iso(session["expiresAt"]) - by)
                    text = json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
                    client.set(key, text, keepttl=True)

    def _client(self) -> Redis:
        return Redis.from_url(self.url, decode_responses=True)
