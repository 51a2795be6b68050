"""Reads `SMTP_URL` and `MAIL_FROM`: the mail server, its TLS mode, and the sender."""

import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

CONSOLE: Final = "console:"
_UNDERSTOOD: Final = "smtp://user:password@host:587, smtps://user:password@host:465 or console:"
_PERHAPS: Final = "encode / # ? @ : and similar characters with %; ports end at 65535"
_PORTS: Final = {"smtp": 587, "smtps": 465}
# RFC 5321, 4.1.2: dot-strings only, and no domain beyond ASCII, which every server takes.
_ADDRESS: Final = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(?:\.[\w-]+)*", re.ASCII
)
_TLS_NAMES: Final = "required, optional or off"

Tls = Literal["implicit", "required", "optional", "off"]


class SmtpUrlError(ValueError):
    """The URL or the sender is invalid: one line with the variable, without the password."""


class SmtpUrl(Struct, frozen=True, kw_only=True):
    """A mail server.

    `tls`: `implicit` is TLS from the first byte. `required` and `optional` are STARTTLS; `optional`
    continues without TLS if the server does not offer it.
    """

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str = ""

    def __repr__(self) -> str:
        return f"SmtpUrl(host={self.host!r}, port={self.port}, …)"  # never the password


def parse_smtp_url(url: str) -> SmtpUrl | None:
    """Parses the URL of a mail server. Returns None for `console:`. Raises `SmtpUrlError`."""
    text = url.strip()
    if text.rstrip("/") == CONSOLE:
        return None
    try:
        split = urlsplit(text)
        port = split.port
    except ValueError:
        raise SmtpUrlError(_explain_url(_PERHAPS)) from None
    if split.scheme not in _PORTS:
        raise SmtpUrlError(_explain_url(f"{split.scheme or 'no'} scheme"))
    if not split.hostname or split.path.strip("/") or split.fragment or port == 0:
        raise SmtpUrlError(_explain_url(_PERHAPS))
    return SmtpUrl(
        host=split.hostname,
        port=port or _PORTS[split.scheme],
        tls=_parse_tls(split),
        user=unquote(split.username) if split.username else None,
        password=unquote(split.password or ""),
    )


def get_sender(mail_from: str | None, url: str) -> Address:
    """Returns the sender: `MAIL_FROM`, or the user of the URL if that is an address.

    Raises `SmtpUrlError`.
    """
    server = parse_smtp_url(url)
    if mail_from is None and server is None:
        return Address("Better Auth", "no-reply", "localhost")
    sender = mail_from or (server and server.user) or ""
    name, address = parseaddr(sender)
    if not sender or (mail_from is None and "@" not in sender):
        raise SmtpUrlError("MAIL_FROM is missing: set the sender, as in App <no-reply@example.com>")
    if not _ADDRESS.fullmatch(address) or not name.isprintable():
        raise SmtpUrlError("MAIL_FROM must be an address, as in App <no-reply@example.com>")
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain)


def _parse_tls(split: SplitResult) -> Tls:
    """Returns the TLS mode. By default, credentials are sent only over TLS."""
    parameters = dict(parse_qsl(split.query, keep_blank_values=True))
    unknown = sorted(parameters.keys() - {"tls"})
    if unknown:
        raise SmtpUrlError(f"SMTP_URL: parameter {unknown[0]!r} is not understood, only tls is")
    if split.scheme == "smtps":
        if parameters:
            raise SmtpUrlError("SMTP_URL: smtps:// is always encrypted and takes no tls parameter")
        return "implicit"
    chosen = parameters.get("tls", "required" if split.username else "optional")
    match chosen:
        case "required" | "optional" | "off":
            return chosen
        case _:
            raise SmtpUrlError(f"SMTP_URL: tls must be {_TLS_NAMES}")


def _explain_url(why: str) -> str:
    return f"SMTP_URL is not understood ({why}); write {_UNDERSTOOD}"
