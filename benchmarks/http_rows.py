"""The rows that a load makes."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from benchmarks import cores, seed
from benchmarks.book import Line
from benchmarks.contestants import ORIGINAL, PEER, Placing, Way
from benchmarks.http import BASE, Request
from benchmarks.load import LoadError
from benchmarks.rows import LoadRow, PacedRow
from benchmarks.site import CLIENTS, Site, client, new_addresses, sign_in_of, sign_up_of
from benchmarks.streams import Outcome, Stream

_SAMPLE: Final = 20_000  # sessions that one round reads, where there are so many
_SIGN_OUTS: Final = 6000  # sessions for one round; it ends early when they have run out
_SIGN_UPS: Final = 2000
_TASKS: Final = 20
_MANY: Final = 64  # connections: so that several workers, too, always have requests that wait
_ALL_CORES: Final = Way(Placing.ALL_CORES)
_OTHERS: Final = (ORIGINAL.name, PEER.name)
_ONE_PROCESS: Final = dict.fromkeys(_OTHERS, "is one process")
_NO_TASKS: Final = dict.fromkeys(_OTHERS, "has no task API")


def _ok(site: Site) -> list[Stream]:
    request = Request(path=f"{BASE}/ok").wire(site.port)
    return [Stream(requests=[request], expected=b'{"ok":true}')]


def _reads(path: str, expected: bytes, most: int) -> Callable[[Site], list[Stream]]:
    """GET with the cookies of randomly chosen users in turn."""

    def streams(site: Site) -> list[Stream]:
        requests = (Request(path=path, cookie=cookie) for cookie in site.some_cookies(most))
        return [Stream(requests=site.wires(requests), expected=expected)]

    return streams


def session_reads(most: int = _SAMPLE) -> Callable[[Site], list[Stream]]:
    return _reads(f"{BASE}/get-session", b'"email":"user', most)


def _busy_reads(site: Site) -> list[Stream]:
    return [replace(each, connections=_MANY) for each in session_reads()(site)]


def token_reads() -> Callable[[Site], list[Stream]]:
    return _reads(f"{BASE}/token", b'{"token":"ey', _SAMPLE)


def check_session(site: Site) -> None:
    """Raises `LoadError` unless the answer is of the cookie's session, with the header or not."""
    (cookie,) = site.some_cookies(1)
    answer = site.asked(Request(path=f"{BASE}/get-session", cookie=cookie))
    found = answer.json()
    if found is None or found["session"]["token"] not in cookie:
        raise LoadError("/get-session answered with another session than the cookie's")
    if ("set-auth-jwt" in answer.headers) is not site.token_header:
        raise LoadError("/get-session and its header set-auth-jwt are not what the row wants")


def _sign_in(site: Site) -> list[Stream]:
    wires = site.wires(sign_in_of(client(number)) for number in range(CLIENTS))
    return [Stream(requests=wires, expected=b'"user":{', connections=CLIENTS, slow=True)]


def _sign_up(site: Site) -> list[Stream]:
    wires = site.wires(sign_up_of(address) for address in new_addresses(_SIGN_UPS))
    return [Stream(requests=wires, expected=b'"user":{', connections=CLIENTS, once=True)]


def storm(site: Site) -> list[Stream]:
    """Reads, and sign-ins beside them."""
    return [*session_reads()(site), *_sign_in(site)]


def _storm_figures(outcomes: Sequence[Outcome]) -> list[float]:
    reading, signing_in = outcomes
    return [reading.rate, reading.p99, signing_in.rate]


def _sign_out(site: Site) -> list[Stream]:
    path = f"{BASE}/sign-out"
    cookies = site.fresh_cookies(_SIGN_OUTS)
    wires = site.wires(Request(path=path, method="POST", cookie=each) for each in cookies)
    return [Stream(requests=wires, expected=b'{"success":true}', once=True)]


def _list_tasks(site: Site) -> list[Stream]:
    bearer = site.access_token(seed.cookie(0))
    listing = Request(path="/api/tasks", bearer=bearer)
    have = len(site.asked(listing).json())
    for _ in range(_TASKS - have):
        site.asked(_new_task(bearer), status=201)
    return [Stream(requests=[listing.wire(site.port)], expected=b'"title":"Buy milk"')]


def _create_task(site: Site) -> list[Stream]:
    bearer = site.access_token(seed.cookie(1))
    request = _new_task(bearer).wire(site.port)
    return [Stream(requests=[request], expected=b'"title":"Buy milk"', status=201)]


def _new_task(bearer: str) -> Request:
    return Request(path="/api/tasks", method="POST", bearer=bearer, body={"title": "Buy milk"})


def _row(name: str, title: str, streams: Callable[[Site], list[Stream]]) -> LoadRow:
    return LoadRow(name=name, lines=(Line(name, title),), streams=streams)


READS: Final = (
    _row("ok", "`/ok`", _ok),
    PacedRow(
        name="get-session",
        lines=(
            Line("get-session", "`/get-session`"),
            Line("paced-p99", "… 99th percentile at 90 % of it", "ms", less_is_better=True),
        ),
        streams=session_reads(),
        check=check_session,
        part=0.9,
        paced_longer=3,
    ),
    LoadRow(
        name="get-session-without-header",
        lines=(Line("get-session-without-header", "`/get-session` without `set-auth-jwt`"),),
        streams=session_reads(),
        check=check_session,
        way=Way(token_header=False),
    ),
    _row("token", "`/token`", token_reads()),
)
TASKS: Final = (
    LoadRow(
        name="list-tasks",
        lines=(Line("list-tasks", f"list of {_TASKS} tasks, with a JWT"),),
        streams=_list_tasks,
        lacking=_NO_TASKS,
    ),
    LoadRow(
        name="create-task",
        lines=(Line("create-task", "make a task, with a JWT"),),
        streams=_create_task,
        lacking=_NO_TASKS,
    ),
)
SIGNING: Final = (
    LoadRow(
        name="sign-in",
        lines=(Line("sign-in", f"`/sign-in/email`, {CLIENTS} clients"),),
        streams=_sign_in,
        way=_ALL_CORES,
        longer=3,
    ),
    LoadRow(
        name="sign-up",
        lines=(Line("sign-up", f"`/sign-up/email`, {CLIENTS} clients"),),
        streams=_sign_up,
        way=_ALL_CORES,
        longer=3,
    ),
    LoadRow(
        name="storm",
        lines=(
            Line("storm", f"`/get-session` while {CLIENTS} clients sign in"),
            Line("storm-p99", "… and its 99th percentile", "ms", less_is_better=True),
            Line("storm-sign-in", "… and the sign-ins meanwhile"),
        ),
        streams=storm,
        outcome=_storm_figures,
        way=_ALL_CORES,
        longer=3,
    ),
)
WORKERS: Final = tuple(
    LoadRow(
        name="workers",
        lines=(Line(key, f"`/get-session`, {title}, with the load there, too"),),
        streams=_busy_reads,
        way=Way(placing, workers=workers),
        lacking=_ONE_PROCESS,
    )
    for key, title, placing, workers in (
        ("one-worker", "one worker on one core", Placing.ONE_CORE, 1),
        ("workers", "a worker for each core", Placing.ALL_CORES, len(cores.of_machine())),
    )
)
SIGN_OUT: Final = _row("sign-out", "`/sign-out`", _sign_out)
