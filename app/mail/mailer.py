"""The interface of mail: a message, and a mailer that sends it."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from ..models.records import User


class Message(Struct, frozen=True):
    """One mail to one address, as plain text and as HTML.

    `kind` is the name of its template, `user` the recipient, if it is a known user. `values` are
    those that the template was filled with, such as `url` or `code`. The log has the kind and the
    id of the user, never the address.
    """

    to: str
    subject: str
    text: str
    html: str
    kind: str | None = None
    user: User | None = None
    values: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"Message(kind={self.kind!r}, …)"  # never the address, the link or the code

    @property
    def link(self) -> str | None:
        """The link that the mail is about, None in a mail with a code."""
        return self.values.get("url")

    @property
    def user_id(self) -> str | None:
        """The id of `user`."""
        return None if self.user is None else self.user.id


class Mailer(Protocol):
    """Accepts messages immediately and delivers them in the background."""

    def send(self, message: Message) -> None:
        """Returns before the mail is sent, so that the response time reveals nothing."""
        ...

    async def close(self) -> None:
        """Delivers waiting messages, for a few seconds at most."""
        ...
