"""Finds settings without effect, or with an unexpected effect."""

from collections.abc import Iterator

from ..bridge.database_url import DatabaseUrlError, PostgresUrl, parse_database_url
from .settings import Settings


def find_notices(settings: Settings) -> Iterator[str]:
    """Returns one line for each. None of them prevents the start."""
    yield from _check_database(settings)
    if settings.webhook_url is None and (settings.webhook_secret or settings.webhook_events):
        yield "WEBHOOK_SECRET and WEBHOOK_EVENTS have no effect without WEBHOOK_URL"
    if settings.email_and_password.require_email_verification and not settings.sends_mail:
        yield (
            "BETTER_AUTH_EMAIL_AND_PASSWORD_REQUIRE_EMAIL_VERIFICATION is on: users without a"
            " verified address cannot sign in, and without SMTP_URL no verification link is sent"
        )


def _check_database(settings: Settings) -> Iterator[str]:
    try:
        url = parse_database_url(settings.database_url, prepared=settings.database_prepared)
    except DatabaseUrlError:
        return  # reported when it is opened
    for name in url.unknown if isinstance(url, PostgresUrl) else ():
        yield f"DATABASE_URL: the parameter {name!r} is not known here and has no effect"
