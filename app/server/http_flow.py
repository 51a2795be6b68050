"""When a connection reads on."""

import asyncio
from collections.abc import Callable, Collection

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """Reads on where no request waits for its turn. uvicorn would whenever one reads its body."""

    def __init__(
        self,
        transport: asyncio.Transport,
        waiting: Collection[object],
        parse: Callable[[bytes], None],
    ) -> None:
        super().__init__(transport)
        self._waiting = waiting
        self._parse = parse
        self._kept = b""
        self.has_ended = False

    def keep(self, data: bytes) -> None:
        """Keeps what came too early until the connection reads on."""
        if not self.has_ended:
            self._kept = data

    def end(self) -> None:
        """Reads nothing more."""
        self.pause_reading()
        self._kept, self._parse, self.has_ended = b"", _drop, True

    def resume_reading(self) -> None:
        """Reads on, first what was kept, unless a request waits."""
        # uvloop raises an error for a transport that is closing.
        if not self.read_paused or self._waiting or self.has_ended or self._transport.is_closing():
            return
        super().resume_reading()
        if self._kept:
            kept, self._kept = self._kept, b""
            self._parse(kept)


def _drop(_data: bytes) -> None:
    """Stands for the protocol of a connection that has ended, which would refer to itself."""
