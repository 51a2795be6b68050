"""Services that mail links, and browsers that open them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from app.auth.email_verification.link_tokens import LinkClaims, LinkTokens, Purpose
from app.auth.verifications.database import DatabaseVerifications
from app.models.clock import now
from app.models.identifiers import generate_id
from app.settings.options import ChangeEmailOptions, EmailVerificationOptions, UserOptions
from app.storage.database import Database
from tests.support.asgi import Answer, Header
from tests.support.rows import id_of
from tests.support.service import SECRET, Service, serve
from tests.support.smtp import Outgoing
from tests.support.tables import TABLES

BASE = "http://localhost:8000/api/auth"
ANYBODY = ""  # stands for whoever has the address
SIGNS_IN = EmailVerificationOptions(auto_sign_in_after_verification=True)


async def mailing(database: Database, **options: Any) -> tuple[Service, Outgoing]:
    """A service, and the mails that it sends."""
    outgoing = Outgoing()
    return await serve(database, mailer=outgoing, **options), outgoing


def changing(**options: bool) -> UserOptions:
    """The option `user` with changes of addresses switched on."""
    return UserOptions(change_email=ChangeEmailOptions(enabled=True, **options))


async def follow(service: Service, link: str, headers: Iterable[Header] = ()) -> Answer:
    """Open a mailed link."""
    assert link.startswith(f"{BASE}/verify-email?")
    return await service.get(link.removeprefix(BASE), headers)


async def prove(
    service: Service,
    claims: LinkClaims,
    headers: Iterable[Header] = (),
    *,
    callback_url: str | None = None,
    age: float = 0,
) -> Answer:
    """Open a link with a token of our own making, mailed `age` seconds ago."""
    user_id = claims.user_id or await id_of(service.database, claims.email)
    claims = replace(claims, user_id=user_id)
    if claims.purpose is Purpose.CONFIRM_CHANGE:
        claims = replace(claims, once=await _confirmation(service, user_id))
    mailed = LinkTokens([SECRET], expires_in=3600 - int(age)).issue(claims, now())
    query = f"?token={mailed}" + (f"&callbackURL={callback_url}" if callback_url else "")
    return await service.get(f"/verify-email{query}", headers)


async def _confirmation(service: Service, user_id: str) -> str:
    """What such a link uses up."""
    once, kept = (
        generate_id(),
        DatabaseVerifications(service.database, TABLES, service.settings.verification),
    )
    await kept.put(f"change-email:{once}", user_id, now() + timedelta(hours=1), now())
    return once
