"""A receiver of webhooks on this machine, and what a service needs to send to it."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import insert
from standardwebhooks.webhooks import Webhook

from app.auth.webhooks.events import make_event_row
from app.auth.webhooks.table import webhook_events
from app.models.clock import now
from app.schema.requirements import Requirements
from app.settings.webhooks import WebhookEvent
from app.storage.database import Database

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
REQUIREMENTS: Final = Requirements(webhooks=True)
# Of a service whose events nobody sends.
OPTIONS: Final[Mapping[str, Any]] = {
    "webhook_url": "https://hooks.example/",
    "webhook_secret": (SECRET,),
}


class Received(NamedTuple):
    """A request that came in, with the names of headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        """The event, if the signature is right."""
        verified: dict[str, Any] = Webhook(SECRET).verify(self.body, dict(self.headers))
        return verified

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Reply(NamedTuple):
    """What the receiver says, after so many seconds."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    seconds: float = 0


class Receiver:
    """Notes what comes in. `reply` decides what it says. `accepted` is what it said yes to."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.accepted: list[Received] = []
        self.reply: Callable[[Received], Reply] = lambda _: Reply()
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self.url = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each.event for each in list(self.received)]

    def take(self, received: Received) -> Reply:
        with self._lock:
            self.received.append(received)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        reply = self.reply(received)
        time.sleep(reply.seconds)
        with self._lock:
            self._at_once -= 1
            if reply.status == HTTPStatus.OK:
                self.accepted.append(received)
        return reply


@contextmanager
def receiving(port: int = 0, certificate: Path | None = None) -> Iterator[Receiver]:
    """Runs a receiver for the block, with TLS if it has a certificate."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            body = self.rfile.read(size)
            if len(body) < size:  # its sender was killed: nobody takes half a request
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.take(Received(self.path, headers, body, time.monotonic()))
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Nothing: a sender may go away."""

    server = Server(("127.0.0.1", port), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    receiver.url = f"{scheme}://localhost:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def add_event(
    database: Database,
    user_id: str = "ada",
    event: WebhookEvent = "user.updated",
    at: datetime | None = None,
) -> str:
    """Writes an event, and returns the id that the receiver knows it by."""
    row = make_event_row(event, user_id, {}, at or now())
    async with database.begin() as tx:
        await tx.execute(insert(webhook_events), row)
    return str(row["message_id"])


async def read_queue(database: Database) -> list[dict[str, Any]]:
    """All events that are in the outbox, in order."""
    rows = await database.read_all(webhook_events.select().order_by(webhook_events.c.id))
    return [dict(row._mapping) for row in rows]


async def read_bodies(database: Database) -> list[dict[str, Any]]:
    """What these events tell."""
    return [msgspec.json.decode(row["body"]) for row in await read_queue(database)]
