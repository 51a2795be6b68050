"""Shares new connections among the workers.

All workers wait at the same sockets, and the system decides who is first. Often that is the same
one: it gets all connections of a proxy that keeps them, and the cores of the others are idle.
"""

import asyncio
from contextlib import suppress
from ctypes import Array, c_int
from multiprocessing import get_context
from socket import socket
from typing import Final

from uvicorn import Config

from .http_protocol import HttpProtocol
from .one_server import OneServer, accept_one

LEAD: Final = 2  # connections, and a quarter, that a worker may have more than another
PAUSE: Final = 0.001  # seconds that a connection is left to the others
_PLACES: Final = 64
_NOBODY: Final = 2**31 - 1


class Counts:
    """How many connections each worker has. All processes see the same numbers.

    The 65th worker has the place of the first. If that is still there, both only share less evenly.
    """

    def __init__(self) -> None:
        """Raises OSError where there is no room for a file, in memory or on disk."""
        self._numbers: Array[c_int] = get_context("spawn").RawArray(c_int, [_NOBODY] * _PLACES)

    def find_fewest(self) -> int:
        """Returns how many connections the worker with the fewest has."""
        return min(self._numbers[:])

    def note(self, place: int, number: int) -> None:
        """Notes how many connections a worker has."""
        self._numbers[place % _PLACES] = number

    def forget(self, place: int) -> None:
        """Notes that a worker takes no connections any more."""
        self._numbers[place % _PLACES] = _NOBODY


class SharingServer(OneServer):
    """A worker that leaves new connections to the others while it has more than its share.

    It takes one that nobody else has taken after `PAUSE`.
    """

    def __init__(self, config: Config, counts: Counts, place: int) -> None:
        super().__init__(config)
        self._counts, self._place = counts, place
        self._listening: list[socket] = []
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop itself would let them go
        self._connections = _Connections(self)
        self.server_state.connections = self._connections  # type: ignore[assignment]  # of one class

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Starts. The sockets stay open when the server of uvicorn closes its own."""
        self._listening = sockets or []
        for listening in self._listening:  # a copy of one that blocks lets it block all workers
            listening.setblocking(False)  # noqa: FBT003  # so named by Python
        await super().startup([listening.dup() for listening in self._listening])
        if self.started:
            self.note_number()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Ends. The other workers take what comes."""
        self._counts.forget(self._place)
        for listening in self._listening:
            asyncio.get_running_loop().remove_reader(listening)
        self._listening = []
        await asyncio.gather(*self._tasks)
        await super().shutdown(sockets)

    def note_number(self) -> None:
        """Tells the other workers how many connections this one has."""
        if self._listening:
            self._counts.note(self._place, len(self._connections))

    def pause_accepting(self) -> None:
        """Accepts no connections for now, if there are too many."""
        if not self.servers or not self._is_ahead():
            return
        for server in self.servers:
            server.close()
        self.servers = []
        for listening in self._listening:
            self._watch(listening)

    def _is_ahead(self) -> bool:
        return len(self._connections) > self._counts.find_fewest() * 1.25 + LEAD

    def _watch(self, listening: socket) -> None:
        asyncio.get_running_loop().add_reader(listening, self._defer, listening)

    def _defer(self, listening: socket) -> None:
        """Leaves a connection that waits to the others, or takes part again."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(listening)
        coming = self._take_left(listening) if self._is_ahead() else self._listen(listening)
        task = loop.create_task(coming)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_left(self, listening: socket) -> None:
        await asyncio.sleep(PAUSE)
        with suppress(OSError):  # usually there is none
            await self.serve_connection(accept_one(listening))
        if self._listening:
            self._watch(listening)

    async def _listen(self, listening: socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                self.create_protocol, sock=listening.dup(), backlog=self.config.backlog
            )
        except OSError:  # too many files are open
            await self._take_left(listening)
        else:
            self.servers.append(server)


class _Connections(set[HttpProtocol]):
    """The connections of a server. It hears of each that begins or ends."""

    def __init__(self, server: SharingServer) -> None:
        super().__init__()
        self._server = server

    def add(self, connection: HttpProtocol) -> None:
        super().add(connection)
        self._server.note_number()
        self._server.pause_accepting()

    def discard(self, connection: object) -> None:
        super().discard(connection)
        self._server.note_number()
