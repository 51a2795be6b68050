"""The server of one process: it ends cleanly, and answers who has connected before."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import socket

from uvicorn import Server
from uvicorn.lifespan.on import LifespanOn

from .http_protocol import HttpProtocol


class OneServer(Server):
    """uvicorn's server. It ends with status 0 on a signal, also before it serves."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            # uvicorn would raise the signal once more, and the exit status would not be 0.
            self._captured_signals.clear()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Starts. A signal also ends an application that is waiting for its store."""
        watching = asyncio.create_task(self._stop_waiting())
        try:
            await super().startup(sockets)
        except SystemExit:
            if not self.should_exit:
                raise
        finally:
            watching.cancel()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Ends. Who has connected by now is answered: closing the port would cut them off."""
        waiting = [one for listening in sockets or [] for one in _accept_all(listening)]
        # What is open while they are served would take connections that nobody answers.
        for port in (*self.servers, *(sockets or ())):
            port.close()
        for one in waiting:
            await self.serve_connection(one)
        await super().shutdown(sockets)

    async def serve_connection(self, accepted: socket) -> None:
        """Begins to serve an accepted connection. Raises OSError if it is gone."""
        await asyncio.get_running_loop().connect_accepted_socket(self.create_protocol, accepted)

    def create_protocol(self) -> HttpProtocol:
        """Returns what serves one connection."""
        return HttpProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _stop_waiting(self) -> None:
        while not self.should_exit:  # noqa: ASYNC110  # a handler of signals may not touch an Event
            await asyncio.sleep(0.05)
        assert isinstance(self.lifespan, LifespanOn)
        self.lifespan.startup_failed = True
        self.lifespan.startup_event.set()


def accept_one(listening: socket) -> socket:
    """Accepts a connection. Raises BlockingIOError if there is none, and other OSErrors."""
    accepted, _ = listening.accept()
    accepted.setblocking(False)  # noqa: FBT003  # so named by Python
    return accepted


def _accept_all(listening: socket) -> Iterator[socket]:
    """Yields the connections that wait at this port."""
    listening.setblocking(False)  # noqa: FBT003  # the same
    with suppress(OSError):
        while True:
            yield accept_one(listening)
