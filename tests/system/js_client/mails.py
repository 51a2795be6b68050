"""A mail server for the flows: each mail becomes a line of JSON in a file that they read."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support import programs
from tests.support.smtp import link_in

_CODE = re.compile(r"^\s*(\d{4,})\s*$", re.MULTILINE)  # on a line of its own


class _Sink:
    def __init__(self, file: Path) -> None:
        self._file = file

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        text = message.get_body(("plain",))
        assert text is not None
        content = text.get_content()
        code = _CODE.search(content)
        link = link_in(content) if "://" in content else ""
        mail = {"link": link, "code": code[1] if code else ""}
        with self._file.open("a") as lines:
            lines.writelines(json.dumps({"to": to, **mail}) + "\n" for to in envelope.rcpt_tos)
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
