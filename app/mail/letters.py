"""The mails of the service, one method for each kind."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from ..models.records import User
from .lifetimes import in_words
from .mailer import Mailer, Message
from .templates import Kind, Templates

_LONGEST_NAME: Final = 60
_LINK_LIKE: Final = re.compile(r"[:/@\\]|\.\w")


class Letters:
    """Sends mails to users for the site `origin`. `lifetimes`: how many seconds links work."""

    def __init__(
        self,
        mailer: Mailer,
        templates: Templates,
        origin: str,
        lifetimes: Mapping[Kind, int],
    ) -> None:
        self._mailer = mailer
        self._templates = templates
        self._site = urlsplit(origin).netloc
        self._lifetimes = {kind: in_words(seconds) for kind, seconds in lifetimes.items()}

    def reset_password(self, user: User, url: str) -> None:
        """Sends the link to choose a new password."""
        self._send("reset-password", user, url, to=user.email)

    def verify_email(self, user: User, url: str, *, to: str | None = None) -> None:
        """Sends the link that verifies an address: the user's own, or the new one in `to`."""
        self._send("verify-email", user, url, to=to or user.email)

    def change_email(self, user: User, new_email: str, url: str) -> None:
        """Asks at the old address whether the new one is right."""
        self._send("change-email", user, url, to=user.email, new_email=new_email)

    def delete_account(self, user: User, url: str) -> None:
        """Sends the link that deletes the account."""
        self._send("delete-account", user, url, to=user.email)

    def _send(self, kind: Kind, user: User, url: str, *, to: str, new_email: str = "") -> None:
        values = {
            "name": _greeted(user),
            "email": to,
            "new_email": new_email,
            "url": url,
            "site": self._site,
            "lifetime": self._lifetimes[kind],
        }
        written = self._templates.write(kind, values)
        self._mailer.send(Message(to, written.subject, written.text, written.html, kind, user.id))


def _greeted(user: User) -> str:
    """Returns the name, or the address if the name looks like a message."""
    name = " ".join(user.name.split())
    fits = name.isprintable() and 0 < len(name) <= _LONGEST_NAME and not _LINK_LIKE.search(name)
    return name if fits else user.email
