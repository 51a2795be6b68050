"""A load generator for machines without wrk, and for loads that wrk can't make.

A program of its own: a `Load` comes by standard input, the outcomes go to standard output.
"""

import asyncio
import itertools
import math
import sys
import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import cast

import msgspec
import uvloop
from httptools import HttpResponseParser

from benchmarks.rhythm import Rhythm
from benchmarks.streams import Load, Outcome, Stream


class Tally:
    """The answers of one stream; `fault` is what was wrong with the first."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.fault = ""
        self.is_over = False
        self.requests = self._requests()
        self.started = self.ended = time.perf_counter()
        self.latencies: list[float] = []

    def add(self, began: float) -> None:
        self.ended = time.perf_counter()
        self.latencies.append(self.ended - began)

    def outcome(self) -> Outcome:
        ordered = sorted(self.latencies)
        p50, p99 = (ordered[math.ceil(len(ordered) * share) - 1] * 1e3 for share in (0.5, 0.99))
        return Outcome(len(ordered), self.ended - self.started, p50, p99)

    def begin(self) -> None:
        """All connections are there; each has sent its first request."""

    def serve(self, client: "Client") -> None:
        """Gives a connection without a request its next one, or ends it."""
        request = None if self.is_over else next(self.requests, None)
        if request is None:
            client.end()
        else:
            client.send(request, time.perf_counter())

    def stop(self) -> None:
        self.is_over = True

    def _requests(self) -> Iterator[bytes]:
        requests = self.stream.requests
        return iter(requests) if self.stream.once else itertools.cycle(requests)


class PacedTally(Tally):
    """Requests in a fixed rhythm; one that finds all connections busy waits, and its time counts.

    A load that waited with the next request for a slow response would leave out the requests that
    users send meanwhile, and with them most of what they wait for.
    """

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self._rhythm = Rhythm(stream.rate, self._on_due)
        self._due: deque[float] = deque()
        self._idle: deque[Client] = deque()

    def begin(self) -> None:
        self.started = time.perf_counter()
        self._rhythm.start()

    def serve(self, client: "Client") -> None:
        if self._due:
            client.send(next(self.requests), self._due.popleft())
        elif self.is_over:
            client.end()
        else:
            self._idle.append(client)

    def stop(self) -> None:
        """What was due until now is still sent."""
        self._rhythm.stop()
        self.is_over = True
        while self._idle:
            self._idle.popleft().end()

    def _on_due(self, due: float) -> None:
        self._due.append(due)
        if self._idle:
            self.serve(self._idle.popleft())


class Client(asyncio.Protocol):
    """One connection: asks for the next request when the answer to the last is there and right."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._parser = HttpResponseParser(self)
        self._body = b""
        self._began = 0.0
        self._is_done = False
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._tally.serve(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_done:
            self._tally.fault = self._tally.fault or "the server closed the connection"
        self.gone.set_result(None)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status, stream = self._parser.get_status_code(), self._tally.stream
        if status != stream.status or stream.expected not in self._body:
            said = self._body[:200].decode(errors="replace")
            self._tally.fault = self._tally.fault or f"answered {status} {said}"
            self.end()
            return
        self._tally.add(self._began)
        self._body = b""
        self._tally.serve(self)

    def send(self, request: bytes, began: float) -> None:
        """`began` is when its latency begins, of `time.perf_counter`."""
        self._began = began
        self._transport.write(request)

    def end(self) -> None:
        self._is_done = True
        self._transport.close()


async def run(load: Load) -> list[Tally]:
    """Sends for as long as the load says, or until its requests have run out."""
    loop = asyncio.get_running_loop()
    tallies = [PacedTally(each) if each.rate else Tally(each) for each in load.streams]
    clients: list[Client] = []
    for tally in tallies:
        for _ in range(tally.stream.connections):
            made = loop.create_connection(partial(Client, tally), "127.0.0.1", load.port)
            clients.append((await made)[1])
    for tally in tallies:
        tally.begin()
    all_gone = asyncio.gather(*(client.gone for client in clients))
    await asyncio.wait([all_gone], timeout=load.seconds)
    for tally in tallies:
        tally.stop()
    await all_gone
    return tallies


def find_fault(tallies: list[Tally]) -> str:
    """What was wrong first, or nothing."""
    faults = [tally.fault for tally in tallies if tally.fault]
    if not faults and not all(tally.latencies for tally in tallies):
        faults = ["nothing was answered"]
    return faults[0] if faults else ""


def main() -> int:
    load = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Load)
    tallies = uvloop.run(run(load))
    if fault := find_fault(tallies):
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.buffer.write(msgspec.msgpack.encode([tally.outcome() for tally in tallies]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
