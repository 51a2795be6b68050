"""A load generator for machines without wrk, and for loads that wrk can't make.

A program of its own: a `Load` comes by standard input, the outcomes go to standard output.
"""

import asyncio
import itertools
import math
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import cast

import msgspec
import uvloop
from httptools import HttpResponseParser

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

    def _requests(self) -> Iterator[bytes]:
        requests = self.stream.requests
        return iter(requests) if self.stream.once else itertools.cycle(requests)


class Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last is there and right."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._parser = HttpResponseParser(self)
        self._body = b""
        self._began = 0.0
        self._is_done = False
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._send()

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
            self._end()
            return
        self._tally.add(self._began)
        self._body = b""
        self._send()

    def _send(self) -> None:
        request = None if self._tally.is_over else next(self._tally.requests, None)
        if request is None:
            self._end()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def _end(self) -> None:
        self._is_done = True
        self._transport.close()


async def run(load: Load) -> list[Tally]:
    """Sends for as long as the load says, or until its requests have run out."""
    loop = asyncio.get_running_loop()
    tallies = [Tally(stream) for stream in load.streams]
    clients: list[Client] = []
    for tally in tallies:
        for _ in range(tally.stream.connections):
            made = loop.create_connection(partial(Client, tally), "127.0.0.1", load.port)
            clients.append((await made)[1])
    all_gone = asyncio.gather(*(client.gone for client in clients))
    await asyncio.wait([all_gone], timeout=load.seconds)
    for tally in tallies:
        tally.is_over = True
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
