"""What the load generators are given and give back."""

from msgspec import Struct


class Stream(Struct, frozen=True, kw_only=True):
    """Requests as bytes, sent in turn over a number of connections, the next after the answer.

    `status` and `expected`, a text of the body, are asked of every answer. `once`: no request is
    sent twice, and the load ends with the last. `slow`: an answer takes so long that those which
    are still awaited at the end must count. `rate`: so many a second in a fixed rhythm, whatever is
    answered, and latency counts from the time when a request was due; 0 sends the next one after
    the answer.
    """

    requests: list[bytes]
    expected: bytes
    status: int = 200
    connections: int = 16
    once: bool = False
    slow: bool = False
    rate: float = 0


class Load(Struct, frozen=True, kw_only=True):
    """Streams that are sent side by side for a number of seconds."""

    port: int
    streams: list[Stream]
    seconds: float


class Outcome(Struct, frozen=True):
    """Of one stream; latencies are in milliseconds."""

    count: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds
