"""Mail over real connections to a real mail server."""

import asyncio
import time
from email.headerregistry import Address
from pathlib import Path
from urllib.parse import quote

import pytest

from app.mail import outbox
from app.mail.mailer import Message
from app.mail.outbox import DeliveryFailed
from app.mail.smtp import SmtpDelivery
from app.settings.smtp_url import SmtpUrl, parse_smtp_url
from tests.support.logged import Lines
from tests.support.smtp import (
    LOGIN_PASSWORD,
    USER,
    Security,
    Sink,
    self_made_certificate,
    smtp_server,
)

pytestmark = pytest.mark.anyio

SENDER = Address("Jörg, the App", "no-reply", "app.example")
LETTER = Message("ada@example.com", "Grüße", "Hello\n.\nBye\n", "<p>Hello</p>")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_made_certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate, which OpenSSL believes."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


async def deliver(url: str, message: Message = LETTER) -> None:
    server = parse_smtp_url(url)
    assert isinstance(server, SmtpUrl)
    await SmtpDelivery(server, SENDER)(message)


def credentials() -> str:
    return f"{quote(USER, safe='')}:{quote(LOGIN_PASSWORD, safe='')}@"


async def test_mail_arrives(smtp_sink: Sink) -> None:
    await deliver(f"smtp://127.0.0.1:{smtp_sink.port}")
    [mail] = smtp_sink.mails
    [envelope] = smtp_sink.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@app.example", [LETTER.to])
    assert mail["From"] == '"Jörg, the App" <no-reply@app.example>'
    assert (mail["To"], mail["Subject"]) == (LETTER.to, "Grüße")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@app.example>")
    assert mail["Date"].datetime.tzinfo is not None


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that never answers what comes after DATA."""
    writer.write(b"220 localhost\r\n")
    while line := await reader.readline():
        if line.startswith(b"DATA"):
            writer.write(b"354 go on\r\n")
            break
        writer.write(b"250 OK\r\n")
    await reader.read()
    writer.close()


async def test_server_that_hangs_holds_nobody_up_at_the_end(
    log: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "GRACE", 0.5)
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = parse_smtp_url(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert isinstance(url, SmtpUrl)
    box = outbox.Outbox(SmtpDelivery(url, SENDER))
    box.send(LETTER)
    await asyncio.sleep(0.3)
    begun = time.monotonic()
    await box.close()
    assert time.monotonic() - begun < 2
    assert log()[-1]["reason"] == "the service was stopped"
    server.close()


async def test_server_that_does_not_say_goodbye_has_taken_the_mail() -> None:
    async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 localhost\r\n")
        while line := await reader.readline():
            if line.startswith(b"QUIT"):
                break
            if line == b".\r\n" or (line[:4].isalpha() and line[4:5] in b" \r"):
                writer.write(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(gone, "127.0.0.1", 0)
    await deliver(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()


async def test_mail_is_text_and_html(smtp_sink: Sink) -> None:
    await deliver(f"smtp://127.0.0.1:{smtp_sink.port}")
    [mail] = smtp_sink.mails
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part for part in mail.walk() if not part.is_multipart())
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content_type() == "text/html"
    assert html.get_content().strip() == LETTER.html


@pytest.mark.parametrize(
    ("security", "scheme"), [("starttls", "smtp"), ("implicit", "smtps")], ids=str
)
async def test_login_is_encrypted(trusted: Path, security: Security, scheme: str) -> None:
    async with smtp_server(security=security, certificate=trusted, login=True) as sink:
        await deliver(f"{scheme}://{credentials()}localhost:{sink.port}")
        [session] = sink.sessions
    assert session.ssl is not None or security == "implicit"
    assert session.authenticated


async def test_tls_is_used_where_it_is_offered(certificate: Path) -> None:
    async with smtp_server(security="starttls", certificate=certificate) as sink:
        await deliver(f"smtp://localhost:{sink.port}")
        [session] = sink.sessions
    assert session.ssl is not None


async def test_tls_can_be_turned_off(certificate: Path) -> None:
    async with smtp_server(security="starttls", certificate=certificate) as sink:
        await deliver(f"smtp://localhost:{sink.port}?tls=off")
        [session] = sink.sessions
    assert session.ssl is None


async def test_password_is_not_sent_in_the_clear() -> None:
    async with smtp_server(login=True) as sink:
        with pytest.raises(DeliveryFailed, match="STARTTLS"):
            await deliver(f"smtp://{credentials()}localhost:{sink.port}")
        await deliver(f"smtp://{credentials()}localhost:{sink.port}?tls=off")
        assert len(sink.envelopes) == 1


@pytest.mark.parametrize(
    ("security", "scheme"), [("starttls", "smtp"), ("implicit", "smtps")], ids=str
)
async def test_certificate_that_nobody_vouches_for_is_refused(
    certificate: Path, security: Security, scheme: str
) -> None:
    async with smtp_server(security=security, certificate=certificate, login=True) as sink:
        with pytest.raises(DeliveryFailed, match=r"(?i)certificate"):
            await deliver(f"{scheme}://{credentials()}localhost:{sink.port}")
        assert not sink.envelopes


async def test_wrong_password_is_final(trusted: Path) -> None:
    async with smtp_server(security="starttls", certificate=trusted, login=True) as sink:
        with pytest.raises(DeliveryFailed, match="535") as failed:
            await deliver(f"smtp://ada:wrong@localhost:{sink.port}")
    assert failed.value.final


@pytest.mark.parametrize(
    ("answer", "final"), [("451 later", False), ("554 never", True)], ids=["451", "554"]
)
async def test_refusal_says_whether_trying_again_helps(
    smtp_sink: Sink, answer: str, *, final: bool
) -> None:
    smtp_sink.answers.append(answer)
    with pytest.raises(DeliveryFailed, match=answer) as failed:
        await deliver(f"smtp://127.0.0.1:{smtp_sink.port}")
    assert failed.value.final is final


@pytest.mark.parametrize(
    ("answer", "final"), [("450 later", False), ("550 unknown", True)], ids=["450", "550"]
)
async def test_refused_recipient_says_whether_trying_again_helps(
    answer: str, *, final: bool
) -> None:
    ended = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 localhost\r\n")
        while line := await reader.readline():
            writer.write(f"{answer}\r\n".encode() if line.startswith(b"RCPT") else b"250 OK\r\n")
        writer.close()
        ended.set()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    with pytest.raises(DeliveryFailed, match=f"^{answer}$") as failed:
        await deliver(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert failed.value.final is final
    await asyncio.wait_for(ended.wait(), 10)
    server.close()


async def test_server_that_is_down_may_come_back() -> None:
    async with smtp_server() as sink:
        port = sink.port
    with pytest.raises(DeliveryFailed) as failed:
        await deliver(f"smtp://127.0.0.1:{port}")
    assert not failed.value.final


async def test_address_that_is_not_ascii_arrives(smtp_sink: Sink) -> None:
    await deliver(f"smtp://127.0.0.1:{smtp_sink.port}", Message("jörg@exämple.com", "s", "t", "h"))
    [envelope] = smtp_sink.envelopes
    assert envelope.rcpt_tos == ["jörg@exämple.com"]


@pytest.mark.parametrize(
    "to",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com>\r\nRCPT TO:<eve@example.com",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "ada",
        "@example.com",
        "ada@",
        "",
    ],
)
async def test_what_is_no_address_is_sent_nothing(smtp_sink: Sink, to: str) -> None:
    with pytest.raises(DeliveryFailed, match="no address") as failed:
        await deliver(f"smtp://127.0.0.1:{smtp_sink.port}", Message(to, "s", "t", "h"))
    assert failed.value.final
    assert smtp_sink.attempts == 0


async def test_subject_can_not_forge_a_header(smtp_sink: Sink) -> None:
    forged = Message("ada@example.com", "Hi\r\nBcc: eve@example.com\n\nbody", "t", "h")
    await deliver(f"smtp://127.0.0.1:{smtp_sink.port}", forged)
    [mail] = smtp_sink.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hi Bcc: eve@example.com body"


async def test_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.mail.smtp.TIMEOUT", 0.05)
    released = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    try:
        with pytest.raises(DeliveryFailed) as failed:
            await deliver(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert not failed.value.final
    finally:
        released.set()
        server.close()
