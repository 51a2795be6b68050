"""A mail server for the flows: each mail becomes a line of JSON in a file that they read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support import programs
from tests.support.smtp import link_in


class _Sink:
    def __init__(self, file: Path) -> None:
        self._file = file

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        text = message.get_body(("plain",))
        assert text is not None
        link = link_in(text.get_content())
        with self._file.open("a") as lines:
            lines.writelines(
                json.dumps({"to": to, "link": link}) + "\n" for to in envelope.rcpt_tos
            )
        return "250 OK"


@contextmanager
def mail_server(file: Path) -> Iterator[str]:
    """The `SMTP_URL` of a server that runs meanwhile."""
    file.touch()
    controller = Controller(_Sink(file), hostname="127.0.0.1", port=programs.free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()
