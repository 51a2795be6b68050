"""A real mail server for tests, which keeps what it is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from warnings import catch_warnings, simplefilter

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.mail.mailer import Message

USER, LOGIN_PASSWORD = "ada@example.com", "p@ss/w#rd:1"
Security = Literal["plain", "starttls", "implicit"]


class Outgoing:
    """A `Mailer` that keeps the messages, for tests of what is sent rather than how."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)

    async def close(self) -> None:
        """Nothing waits."""

    def link(self) -> str:
        """The link in the latest message."""
        return link_in(self.messages[-1].text)


def link_in(text: str) -> str:
    """The first link of a text."""
    return next(word for word in text.split() if word.startswith(("http://", "https://")))


class Sink:
    """What the server got. `answers` are given to DATA, in turn, before it takes anything."""

    def __init__(self) -> None:
        self.port = 0
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []
        self.answers: list[str] = []
        self.attempts = 0
        self._arrived = asyncio.Condition()

    @property
    def mails(self) -> list[EmailMessage]:
        contents = [envelope.original_content or b"" for envelope in self.envelopes]
        return [message_from_bytes(each, policy=policy.default) for each in contents]

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        async with self._arrived:
            self.attempts += 1
            if not self.answers:
                self.envelopes.append(envelope)
                self.sessions.append(session)
            self._arrived.notify_all()
        return self.answers.pop(0) if self.answers else "250 OK"

    async def arrived(self, count: int = 1) -> list[EmailMessage]:
        """The mails, as soon as there are so many."""
        await self._until(lambda: len(self.envelopes) >= count)
        return self.mails

    async def tried(self, count: int) -> None:
        """Returns when so many deliveries were begun."""
        await self._until(lambda: self.attempts >= count)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(holds)


@asynccontextmanager
async def smtp_server(
    *, security: Security = "plain", certificate: Path | None = None, login: bool = False
) -> AsyncIterator[Sink]:
    """A server on a port of its own; `login` demands `USER` and `LOGIN_PASSWORD`."""
    sink, context = Sink(), None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    inside = context if security == "starttls" else None

    def connection() -> SMTP:
        with catch_warnings():
            simplefilter("ignore")  # of logging in without TLS, which is what is tested
            return SMTP(
                sink,
                hostname="localhost",
                enable_SMTPUTF8=True,
                tls_context=inside,
                authenticator=_authenticate if login else None,
                auth_required=login,
                auth_require_tls=security == "starttls",
            )

    outside = context if security == "implicit" else None
    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0, ssl=outside)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


def self_made_certificate(path: Path) -> Path:
    """A certificate and key for localhost that nobody else vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    known = LoginPassword(USER.encode(), LOGIN_PASSWORD.encode())
    return AuthResult(success=data == known, handled=data == known)
