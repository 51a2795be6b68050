"""What a scenario sees of one side: browsers and programs that call it, its mails, its rows."""

import asyncio
import json
import re
import time
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from app.models.clock import now
from tests.system.js_client.service import PAGE

from .database import Place, Rows
from .http import Answer, Header, send
from .mailbox import Letter, Mailbox
from .options import Setup
from .storage import Entry, Storage

PASSWORD = "correct horse battery"
IP = "203.0.113.7"  # what the proxy says; each scenario may say otherwise
JSON: Header = ("Content-Type", "application/json")


class _Absent:
    """No body at all; None is JSON's null."""


ABSENT = _Absent()


class Step(Struct, frozen=True):
    """An answer, a mail or what is stored, named by what led to it.

    `moment` is in seconds since 1970.
    """

    name: str
    moment: float
    answer: Answer | None = None
    letter: Letter | None = None
    path: str = ""  # method and path below the base path, without the query
    entries: list[Entry] | None = None


class Side:
    """One of the two servers. A scenario runs once against each and must ask both the same."""

    def __init__(
        self,
        setup: Setup,
        port: int,
        database: Place,
        mailbox: Mailbox | None,
        storage: Storage,
    ) -> None:
        self.setup = setup
        self.database = database
        self.storage = storage
        self.steps: list[Step] = []
        self.started = now()
        self.base_path = urlsplit(str(setup.all["baseURL"])).path.rstrip("/") or (
            "/" + str(setup.all.get("basePath", "/api/auth")).strip("/")
        ).rstrip("/")
        self._port = port
        self._mailbox = mailbox

    def browser(self, *, origin: str = PAGE, ip: str | None = IP) -> "Caller":
        """Keeps cookies, and names its page as the origin of what it posts."""
        return Caller(self, origin=origin, ip=ip, cookies=True)

    def client(self, *, ip: str | None = IP, bearer: str | None = None) -> "Caller":
        """A program: no cookies, no origin."""
        headers = [("Authorization", f"Bearer {bearer}")] if bearer is not None else []
        return Caller(self, headers=headers, ip=ip)

    async def signed_up(self, email: str, **fields: object) -> "Caller":
        """A browser whose user has just signed up."""
        browser = self.browser()
        await browser.sign_up(email, **fields)
        return browser

    async def mail(self, to: str) -> Letter:
        """The next mail to an address; waits for it."""
        assert self._mailbox is not None, "no option of this scenario sends mail"
        letter = await self._mailbox.next(to)
        self.steps.append(Step(f"mail to {to}", time.time(), letter=letter, path="mail"))
        return letter

    async def no_mail(self, to: str) -> None:
        """Nothing more was sent to an address; ask after an answer that came later than it."""
        assert self._mailbox is not None, "no option of this scenario sends mail"
        await asyncio.sleep(0.2)
        name = f"mails to {to} that wait: {self._mailbox.waiting(to)}"
        self.steps.append(Step(name, time.time(), path="mail"))

    async def stored(self) -> None:
        """All that is in Redis now; only for a scenario with servers of its own."""
        name = f"{len(self.steps) + 1} what is stored"
        entries = await self.storage.entries()
        self.steps.append(Step(name, time.time(), path="storage", entries=entries))

    async def sql(self, statement: str, *values: object) -> Rows:
        """One statement, `?` for each value; both sides have the same tables and columns."""
        return await self.database.run(statement, *values)

    async def age(self, table: str, email: str, **columns: timedelta) -> None:
        """Make a user's rows older: `age("session", ada, createdAt=timedelta(days=2))`."""
        for column, by in columns.items():
            await self.database.shift(table, column, email, -by)

    async def request(
        self, method: str, target: str, headers: Iterable[Header], body: bytes | None
    ) -> Answer:
        """Exactly this, `target` as it stands in the request line."""
        given = list(headers)
        hosted = any(name.lower() == "host" for name, _ in given)
        host = [] if hosted else [("Host", urlsplit(str(self.setup.all["baseURL"])).netloc)]
        moment = time.time()
        answer = await asyncio.to_thread(send, self._port, method, target, [*host, *given], body)
        path = target.partition("?")[0].removeprefix(self.base_path)
        number = len(self.steps) + 1
        name = f"{number} {method} {target.removeprefix(self.base_path)}"
        self.steps.append(Step(name, moment, answer=answer, path=f"{method} {path}"))
        return answer


class Caller:
    """Somebody who calls one side; `headers` go with every request, paths lie below the base."""

    def __init__(
        self,
        side: Side,
        *,
        origin: str = "",
        ip: str | None = IP,
        cookies: bool = False,
        headers: Iterable[Header] = (),
    ) -> None:
        self.side = side
        self.origin = origin
        self.ip = ip
        self.cookies: dict[str, str] | None = {} if cookies else None
        self.headers = list(headers)

    async def get(self, path: str, *headers: Header) -> Answer:
        return await self.send("GET", path, *headers)

    async def post(self, path: str, body: object = ABSENT, *headers: Header) -> Answer:
        """A body is sent as JSON, bytes as they are and without a Content-Type."""
        return await self.send("POST", path, *headers, body=body)

    async def sign_up(self, email: str, **fields: object) -> Answer:
        body = {"name": "Ada", "email": email, "password": PASSWORD, **fields}
        return await self.post("/sign-up/email", body)

    async def sign_in(self, email: str, **fields: object) -> Answer:
        return await self.post("/sign-in/email", {"email": email, "password": PASSWORD, **fields})

    async def open(self, link: str, *headers: Header) -> Answer:
        """Follow a link of this side's, as a click in a mail does."""
        parts = urlsplit(link)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return await self._call("GET", target, list(headers), None)

    async def send(self, method: str, path: str, *headers: Header, body: object = ABSENT) -> Answer:
        """Headers given here replace those that the caller would send by itself."""
        plain = body is ABSENT or isinstance(body, bytes) or _is_typed(headers)
        typed = [] if plain else [JSON]
        content = _content(body) if body is not ABSENT or method == "POST" else None
        target = path if path.startswith("//") else self.side.base_path + path
        return await self._call(method, target, [*typed, *headers], content)

    async def _call(
        self, method: str, target: str, headers: list[Header], content: bytes | None
    ) -> Answer:
        given = {name.lower() for name, _ in headers}
        mine = [header for header in self._own(method) if header[0].lower() not in given]
        answer = await self.side.request(method, target, [*mine, *headers], content)
        if self.cookies is not None:
            _keep(self.cookies, answer)
        return answer

    def _own(self, method: str) -> list[Header]:
        own = list(self.headers)
        if self.ip is not None:
            own.append(("X-Forwarded-For", self.ip))
        if self.origin and method != "GET":
            own.append(("Origin", self.origin))
        if self.cookies:
            own.append(("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items())))
        return own


def _is_typed(headers: Iterable[Header]) -> bool:
    return any(name.lower() == "content-type" for name, _ in headers)


def _content(body: object) -> bytes:
    if body is ABSENT:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def _keep(jar: dict[str, str], answer: Answer) -> None:
    for line in answer.all("set-cookie"):
        pair, _, attributes = line.partition(";")
        name, _, value = pair.partition("=")
        if re.search(r"max-age=0(;|$)", attributes, re.IGNORECASE):
            jar.pop(name, None)
        else:
            jar[name] = value


def query_of(location: str, name: str) -> str:
    """One parameter of a link or a Location; empty when it is not there."""
    return parse_qs(urlsplit(location).query).get(name, [""])[0]
