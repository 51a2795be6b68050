"""What the rest of the service knows of mail: a message, and somebody who takes it."""

from typing import Protocol

from msgspec import Struct


class Message(Struct, frozen=True):
    """One mail to one address, as plain text and as HTML.

    The log names it by its `kind` and by the user whom it is for, never by the address.
    """

    to: str
    subject: str
    text: str
    html: str
    kind: str | None = None
    user_id: str | None = None


class Mailer(Protocol):
    """Takes messages at once and delivers them in the background."""

    def send(self, message: Message) -> None:
        """Returns before anything is sent, so that the time of an answer tells nothing."""
        ...

    async def close(self) -> None:
        """Delivers what is waiting, as far as that can be done in a few seconds."""
        ...
