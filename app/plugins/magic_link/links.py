"""Writes and opens links that sign in (`magicLink`, Better Auth 1.7.25)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from msgspec import UNSET, DecodeError, Struct, UnsetType, ValidationError, json
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.events import Event
from ...auth.audit.sign_ins import report_refusal
from ...auth.crypto.stored_codes import hash_key
from ...auth.email_verification.address_sign_in import AddressOwner, AddressSession, AddressSignIn
from ...auth.users.emails import is_email
from ...mail.auth_emails import format_duration
from ...models.errors import Refusal
from ...models.identifiers import generate_alphabetic_token
from ...web.http.location import encode_pair
from ...web.request_context import RequestContext
from ..plugin import Services
from .options import MagicLinkOptions

MAIL: Final = "magic-link"
_LENGTH: Final = 32  # of a token
_SERVER_FAULT: Final = 500


class UselessLink(Exception):
    """A link that signs nobody in: the browser is sent on with the error and its description."""

    def __init__(self, error: str, description: str | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class Targets(Struct, frozen=True):
    """Where the browser goes next: a user who was there, a new one, one who is refused."""

    callback_url: str | UnsetType = UNSET
    new_user_callback_url: str | UnsetType = UNSET
    error_callback_url: str | UnsetType = UNSET


class _Record(Struct, frozen=True, forbid_unknown_fields=True):
    """The stored value of a link, in the form of the original."""

    type: Literal["magic-link"]
    email: str
    name: str | UnsetType = UNSET


class MagicLinks:
    """Mails links and opens them. The person who opens one reads the mail of its address."""

    def __init__(self, services: Services, options: MagicLinkOptions) -> None:
        self._services = services
        self._options = options
        self._lifetime = format_duration(options.expires_in)
        self._sign_in = AddressSignIn(
            services.users, services.user_creation, services.sessions, services.tables, "magic-link"
        )

    async def send(
        self, email: str, name: str | UnsetType, targets: Targets, now: datetime
    ) -> None:
        """Mails a link, also to an address that nobody has: so the response reveals nothing."""
        token = generate_alphabetic_token(_LENGTH)
        value = json.encode(_Record("magic-link", email, name)).decode()
        until = now + timedelta(seconds=self._options.expires_in)
        await self._services.verifications.put(self._make_identifier(token), value, until, now)
        emails = self._services.auth_emails
        assert emails is not None  # `find_faults` asks for SMTP_URL
        url = self._make_url(token, targets)
        emails.send(MAIL, email, {"url": url, "lifetime": self._lifetime})

    async def open(self, token: str, request: RequestContext, now: datetime) -> AddressSession:
        """Signs in the reader of the mail. The link is spent with it.

        Raises UselessLink, and what refuses a session.
        """
        audit = self._services.audit
        try:
            with report_refusal(audit, MAIL):
                return await self._open(token, request, now)
        except UselessLink as fault:
            details = {"method": MAIL}
            audit.report(Event("sign_in_failed", reason=fault.error, details=details))
            raise

    async def _open(self, token: str, request: RequestContext, now: datetime) -> AddressSession:
        identifier = self._make_identifier(token)
        value = await self._services.verifications.find(identifier, now)
        record = _parse(value)
        if value is None or record is None:
            raise UselessLink("INVALID_TOKEN")
        describe = None if self._options.disable_sign_up else partial(_describe, record)
        owner = AddressOwner(record.email.lower(), describe)
        spend = partial(self._spend, identifier, value, now)
        try:
            entered = await self._sign_in.sign_in(owner, request, now, spend)
        except Refusal as refusal:
            if refusal.code is None or refusal.status >= _SERVER_FAULT:
                raise
            if await self._services.users.find_by_email(owner.email) is not None:
                raise  # it is the session that is refused
            raise UselessLink(refusal.code, refusal.message) from None
        if entered is None:
            async with spend():
                pass
            raise UselessLink("new_user_signup_disabled")
        return entered

    @asynccontextmanager
    async def _spend(
        self, identifier: str, value: str, now: datetime
    ) -> AsyncIterator[AsyncConnection]:
        async with self._services.verifications.consume(identifier, now) as (tx, found):
            if found != value:
                raise UselessLink("INVALID_TOKEN")
            yield tx

    def _make_identifier(self, token: str) -> str:
        if self._options.store_token == "hashed":  # noqa: S105 - an option
            token = hash_key(token)
        return f"magic-link:{token}"

    def _make_url(self, token: str, targets: Targets) -> str:
        parameters = {"token": token, "callbackURL": targets.callback_url or "/"}
        if targets.new_user_callback_url:
            parameters["newUserCallbackURL"] = targets.new_user_callback_url
        if targets.error_callback_url:
            parameters["errorCallbackURL"] = targets.error_callback_url
        query = "&".join(encode_pair(*each) for each in parameters.items())
        return f"{self._services.links.base}/magic-link/verify?{query}"


def _parse(value: str | None) -> _Record | None:
    """Returns None for what no link of either server stored."""
    try:
        record = json.decode(value or "null", type=_Record)
    except (DecodeError, ValidationError):
        return None
    return record if is_email(record.email) else None


def _describe(record: _Record) -> Mapping[str, object]:
    return {"name": record.name or ""}
