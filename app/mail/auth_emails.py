"""The mails of the service, one method for each kind, and how long their links work."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import astuple

from ..models.records import User
from ..settings.settings import Settings
from .mailer import Mailer, Message
from .templates import Templates

_DAY: Final = 24 * 3600
_UNITS: Final = ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_SECONDS_COUNT: Final = 120
_LONGEST_NAME: Final = 60
_LINK_LIKE: Final = re.compile(r"[:/@\\]|\.\w")


class AuthEmails:
    """Sends mails to users for the site `origin`. `lifetimes`: how many seconds links work."""

    def __init__(
        self,
        mailer: Mailer,
        templates: Templates,
        origin: str,
        lifetimes: Mapping[str, int],
    ) -> None:
        self._mailer = mailer
        self._templates = templates
        self._site = urlsplit(origin).netloc
        self._lifetimes = {kind: format_duration(seconds) for kind, seconds in lifetimes.items()}

    def send_reset_password(self, user: User, url: str) -> None:
        """Sends the link to choose a new password."""
        self._send("reset-password", user, url, to=user.email)

    def send_verification_email(self, user: User, url: str, *, to: str | None = None) -> None:
        """Sends the link that verifies an address: the user's own, or the new one in `to`."""
        self._send("verify-email", user, url, to=to or user.email)

    def send_change_email_confirmation(self, user: User, new_email: str, url: str) -> None:
        """Asks at the old address whether the new one is right."""
        self._send("change-email", user, url, to=user.email, new_email=new_email)

    def send_delete_account_verification(self, user: User, url: str) -> None:
        """Sends the link that deletes the account."""
        self._send("delete-account", user, url, to=user.email)

    def send(self, kind: str, to: str, values: Mapping[str, str], user: User | None = None) -> None:
        """Sends a mail of any kind. `user` is the recipient, if it is a known user.

        `name`, `email` and `site` are filled in, the other placeholders by `values`.
        """
        usual = {
            "name": to if user is None else choose_name(user.name, user.email),
            "email": to,
            "site": self._site,
        }
        filled = {**usual, **values}
        subject, text, html = astuple(self._templates.write(kind, filled))
        self._mailer.send(Message(to, subject, text, html, kind, user, filled))

    def _send(self, kind: str, user: User, url: str, *, to: str, new_email: str = "") -> None:
        values = {"new_email": new_email, "url": url, "lifetime": self._lifetimes[kind]}
        self.send(kind, to, values, user)


def choose_name(name: str, otherwise: str) -> str:
    """Returns the name that somebody has, or the other text if it looks like a message."""
    name = " ".join(name.split())
    fits = name.isprintable() and 0 < len(name) <= _LONGEST_NAME and not _LINK_LIKE.search(name)
    return name if fits else otherwise


def read_link_lifetimes(settings: Settings) -> Mapping[str, int]:
    """Returns how many seconds the link of each kind of mail works."""
    return {
        "reset-password": settings.email_and_password.reset_password_token_expires_in,
        "verify-email": settings.email_verification.expires_in,
        "change-email": settings.email_verification.expires_in,
        "delete-account": settings.user.delete_user.delete_token_expires_in,
    }


def format_duration(seconds: int) -> str:
    """Returns a text such as `1 hour`, `90 minutes` or `7 days`, cut to whole minutes above two."""
    whole = seconds if seconds < _SECONDS_COUNT else seconds - seconds % 60
    size, name = next(unit for unit in _UNITS if whole % unit[0] == 0)
    if whole == _DAY:
        size, name = 3600, "hour"  # 24 hours: "a day" may end at midnight
    number = whole // size
    return f"{number} {name}{'' if number == 1 else 's'}"
