"""The rows that a load makes: what is sent to a server, and what its outcome says."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from benchmarks.book import Line
from benchmarks.contestants import Way
from benchmarks.http import BASE, Request
from benchmarks.load import LoadError
from benchmarks.site import CLIENTS, USERS, Site, client, new_addresses, sign_in_of, sign_up_of
from benchmarks.streams import Outcome, Stream

_SIGN_OUTS: Final = 6000  # sessions for one round; it ends early when they have run out
_SIGN_UPS: Final = 2000
_TASKS: Final = 20
_NO_TASKS: Final = "has no task API"
_WITHOUT_TASKS: Final = {"original": _NO_TASKS, "peer": _NO_TASKS}


def _first_rate(outcomes: Sequence[Outcome]) -> list[float]:
    return [outcomes[0].rate]


def _no_check(_: Site) -> None:
    """The load generator checks every answer; some rows look at one more closely."""


class Row(Struct, frozen=True, kw_only=True):
    """`name` is what the command line says; `figures` gives one figure for each line."""

    name: str
    lines: tuple[Line, ...]
    streams: Callable[[Site], list[Stream]]
    way: Way = Way()
    users: int = USERS  # how many there are
    longer: float = 1  # than the plan says, where one second has few answers
    check: Callable[[Site], None] = _no_check
    figures: Callable[[Sequence[Outcome]], list[float]] = _first_rate
    lacking: Mapping[str, str] = {}


def _ok(site: Site) -> list[Stream]:
    request = Request(path=f"{BASE}/ok").wire(site.port)
    return [Stream(requests=[request], expected=b'{"ok":true}')]


def reads(path: str, expected: bytes) -> Callable[[Site], list[Stream]]:
    """GET of all the site's people in turn."""

    def streams(site: Site) -> list[Stream]:
        requests = (Request(path=path, cookie=cookie) for cookie in site.cookies)
        return [Stream(requests=site.wires(requests), expected=expected)]

    return streams


SESSION: Final = reads(f"{BASE}/get-session", b'"email":"user')
TOKEN: Final = reads(f"{BASE}/token", b'{"token":"ey')


def check_session(site: Site) -> None:
    """Raises `LoadError` unless the answer is of the cookie's session, with the header or not."""
    cookie = site.cookies[0]
    answer = site.asked(Request(path=f"{BASE}/get-session", cookie=cookie))
    if answer.json()["session"]["token"] not in cookie:
        raise LoadError("/get-session answered with another session than the cookie's")
    if ("set-auth-jwt" in answer.headers) is not site.token_header:
        raise LoadError("/get-session and its header set-auth-jwt are not what the row wants")


def _sign_in(site: Site) -> list[Stream]:
    requests = (sign_in_of(client(number)) for number in range(CLIENTS))
    return [Stream(requests=site.wires(requests), expected=b'"user":{', connections=CLIENTS)]


def _sign_up(site: Site) -> list[Stream]:
    wires = site.wires(sign_up_of(address) for address in new_addresses(_SIGN_UPS))
    return [Stream(requests=wires, expected=b'"user":{', connections=CLIENTS, once=True)]


def _storm(site: Site) -> list[Stream]:
    (reading,) = SESSION(site)
    return [reading, *_sign_in(site)]


def _storm_figures(outcomes: Sequence[Outcome]) -> list[float]:
    reading, signing_in = outcomes
    return [reading.rate, reading.p99, signing_in.rate]


def _sign_out(site: Site) -> list[Stream]:
    path = f"{BASE}/sign-out"
    cookies = site.fresh_cookies(_SIGN_OUTS)
    wires = site.wires(Request(path=path, method="POST", cookie=each) for each in cookies)
    return [Stream(requests=wires, expected=b'{"success":true}', once=True)]


def _list_tasks(site: Site) -> list[Stream]:
    bearer = site.access_token(site.cookies[0])
    listing = Request(path="/api/tasks", bearer=bearer)
    have = len(site.asked(listing).json())
    for _ in range(_TASKS - have):
        site.asked(_new_task(bearer), status=201)
    return [Stream(requests=[listing.wire(site.port)], expected=b'"title":"Buy milk"')]


def _create_task(site: Site) -> list[Stream]:
    bearer = site.access_token(site.cookies[1])
    request = _new_task(bearer).wire(site.port)
    return [Stream(requests=[request], expected=b'"title":"Buy milk"', status=201)]


def _new_task(bearer: str) -> Request:
    return Request(path="/api/tasks", method="POST", bearer=bearer, body={"title": "Buy milk"})


ROWS: Final = (
    Row(name="ok", lines=(Line("ok", "`/ok`"),), streams=_ok),
    Row(
        name="get-session",
        lines=(Line("get-session", "`/get-session`"),),
        streams=SESSION,
        check=check_session,
    ),
    Row(
        name="get-session-without-header",
        lines=(Line("get-session-without-header", "`/get-session` without the token header"),),
        streams=SESSION,
        check=check_session,
        way=Way(token_header=False),
    ),
    Row(name="token", lines=(Line("token", "`/token`"),), streams=TOKEN),
    Row(name="sign-out", lines=(Line("sign-out", "`/sign-out`"),), streams=_sign_out),
    Row(
        name="list-tasks",
        lines=(Line("list-tasks", f"list of {_TASKS} tasks, with a JWT"),),
        streams=_list_tasks,
        lacking=_WITHOUT_TASKS,
    ),
    Row(
        name="create-task",
        lines=(Line("create-task", "make a task, with a JWT"),),
        streams=_create_task,
        lacking=_WITHOUT_TASKS,
    ),
    Row(
        name="sign-in",
        lines=(Line("sign-in", f"`/sign-in/email`, {CLIENTS} clients, both cores"),),
        streams=_sign_in,
        way=Way(all_cores=True),
    ),
    Row(
        name="sign-up",
        lines=(Line("sign-up", f"`/sign-up/email`, {CLIENTS} clients, both cores"),),
        streams=_sign_up,
        way=Way(all_cores=True),
        longer=2,
    ),
    Row(
        name="storm",
        lines=(
            Line("storm", f"`/get-session` while {CLIENTS} clients sign in, both cores"),
            Line("storm-p99", "– its slowest in a hundred", "ms", less_is_better=True),
            Line("storm-sign-in", "– the sign-ins meanwhile"),
        ),
        streams=_storm,
        figures=_storm_figures,
        way=Way(all_cores=True),
        longer=2,
    ),
)
