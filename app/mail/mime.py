"""Builds a MIME message (RFC 5322, RFC 2045) with text and HTML. Headers cannot be forged."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from .mailer import Message


def compose(message: Message, sender: Address) -> EmailMessage:
    """Returns the mail. Raises ValueError if the recipient is not an address."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _parse_address(message.to)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = make_msgid(domain=sender.domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notices, please
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _parse_address(text: str) -> Address:
    user, at, domain = text.rpartition("@")
    odd = not text.isprintable() or any(sign in text for sign in ' ,;:<>()[]\\"')
    if odd or not (user and at and domain):
        raise ValueError("the recipient is no address")
    return Address("", user, domain)
