"""The interface of mail: a message, and a mailer that sends it."""

from typing import Protocol

from msgspec import Struct


class Message(Struct, frozen=True):
    """One mail to one address, as plain text and as HTML.

    The log has its `kind` and the id of the user, never the address.
    """

    to: str
    subject: str
    text: str
    html: str
    kind: str | None = None
    user_id: str | None = None


class Mailer(Protocol):
    """Accepts messages immediately and delivers them in the background."""

    def send(self, message: Message) -> None:
        """Returns before the mail is sent, so that the response time reveals nothing."""
        ...

    async def close(self) -> None:
        """Delivers waiting messages, for a few seconds at most."""
        ...
