"""Mail for development: printed, not sent."""

import sys

from .mailer import Message


class ConsoleMailer:
    """Writes each message, with the link in it, to standard output."""

    def send(self, message: Message) -> None:
        sys.stdout.write(
            f"--- mail to {message.to!r}: {message.subject}\n{message.text.rstrip()}\n---\n"
        )
        sys.stdout.flush()

    async def close(self) -> None:
        """Does nothing: no mail is waiting."""
