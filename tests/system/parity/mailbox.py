"""The mails that one side sent: a file that the original writes, an SMTP server for ours."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct

SECONDS = 20
_LINK = re.compile(r"https?://[^\s<>\"]+")
_CODE = re.compile(r"^\s*(\d{4,})\s*$", re.MULTILINE)


class Letter(Struct, frozen=True):
    """A mail: to whom, the one link in it, and the code on a line of its own."""

    to: str
    link: str
    code: str = ""


class Mailbox:
    """All mails of one side, handed out per address in the order of their coming."""

    def __init__(self, read: Callable[[], list[Letter]]) -> None:
        self._read = read
        self._taken: dict[str, int] = {}

    async def next(self, to: str) -> Letter:
        """Raises TimeoutError when none comes."""
        async with asyncio.timeout(SECONDS):
            while self.waiting(to) == 0:  # noqa: ASYNC110  # one side is a file
                await asyncio.sleep(0.005)
        self._taken[to] = self._taken.get(to, 0) + 1
        return self._to(to)[self._taken[to] - 1]

    def waiting(self, to: str) -> int:
        return len(self._to(to)) - self._taken.get(to, 0)

    def _to(self, to: str) -> list[Letter]:
        return [letter for letter in self._read() if letter.to == to]


def of_file(path: Path) -> Mailbox:
    """What `original/server.mjs` writes."""

    def read() -> list[Letter]:
        lines = path.read_text().splitlines() if path.exists() else []
        found = [json.loads(line) for line in lines]
        return [Letter(each["to"], each["url"], each.get("code", "")) for each in found]

    return Mailbox(read)


class _Sink:
    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        text = _text_of(message_from_bytes(envelope.content, policy=default))
        link, code = _LINK.search(text), _CODE.search(text)
        found = (link[0] if link else "", code[1] if code else "")
        self.letters += [Letter(to, *found) for to in envelope.rcpt_tos]
        return "250 OK"


@contextmanager
def smtp_sink(port: int) -> Iterator[Mailbox]:
    """An SMTP server on a port of 127.0.0.1, and what it took."""
    sink = _Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Mailbox(lambda: sink.letters)
    finally:
        controller.stop()


def _text_of(message: "Message | EmailMessage") -> str:
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    return str(text.get_content()) if text is not None else ""
