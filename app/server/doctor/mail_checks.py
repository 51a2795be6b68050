"""Checks of the mail server: it lets the service log in. Nothing is sent."""

from collections.abc import Iterator
from typing import Final

from ...mail.outbox import DeliveryFailed
from ...mail.smtp import SmtpDelivery
from ...mail.templates import TemplateError, load_templates
from ...settings.settings import Settings
from ...settings.smtp_url import SmtpUrl, get_sender, parse_smtp_url
from .finding import Finding, Result
from .hosts import is_local

_CHECK: Final = "mail"


async def inspect_mail(settings: Settings) -> list[Finding]:
    """Reads the templates, connects, logs in, and says goodbye."""
    if not settings.sends_mail:
        return [Finding(_CHECK, Result.OK, "SMTP_URL is not set: no mail is sent")]
    try:
        load_templates(settings)
    except TemplateError as fault:
        remedy = "correct the template: docs/mail.md"
        return [Finding(_CHECK, Result.WRONG, str(fault), remedy)]
    if settings.mails_by_hook or settings.smtp_url is None:
        return [Finding(_CHECK, Result.OK, "the hook send_mail sends the mails")]
    server = parse_smtp_url(settings.smtp_url)
    if server is None:
        return [*_judge_console(settings)]
    delivery = SmtpDelivery(server, get_sender(settings.mail_from, settings.smtp_url))
    place = f"{server.host}:{server.port}"
    try:
        is_encrypted = await delivery.log_in()
    except DeliveryFailed as fault:
        line = f"{place}: {fault}"
        remedy = "correct SMTP_URL, or let this machine reach the mail server"
        return [Finding(_CHECK, Result.WRONG, line, remedy)]
    done = "lets this service log in" if server.user else "answers; no login is configured"
    return [
        Finding(_CHECK, Result.OK, f"{place} {done}"),
        *_judge_encryption(server, is_encrypted=is_encrypted),
    ]


def _judge_console(settings: Settings) -> Iterator[Finding]:
    line = "SMTP_URL is console: mails with their links are printed, and not sent"
    if settings.is_https:
        yield Finding(_CHECK, Result.WARNING, line, "set SMTP_URL=smtps://user:password@host")
    else:
        yield Finding(_CHECK, Result.OK, line)


def _judge_encryption(server: SmtpUrl, *, is_encrypted: bool) -> Iterator[Finding]:
    if is_local(server.host):
        return
    if not is_encrypted:
        line = "the connection is not encrypted: the network can read links that sign people in"
        yield Finding(_CHECK, Result.WARNING, line, "use smtps://, or ?tls=required")
    elif server.tls == "optional":
        line = "TLS is optional, so somebody on the way can suppress it"
        yield Finding(_CHECK, Result.WARNING, line, "add ?tls=required to SMTP_URL")
    else:
        yield Finding(
            _CHECK, Result.OK, "the connection is encrypted, and its certificate is valid"
        )
