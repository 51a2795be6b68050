"""One-time tokens: each stands for a session, until it is verified once or expires."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from logging import WARNING, getLogger
from secrets import token_urlsafe
from typing import Annotated, Final, Literal

from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from ...auth.audit.sign_ins import make_sign_in, report_refusal
from ...auth.crypto.stored_codes import hash_key
from ...auth.hooks import IssuedSession
from ...auth.sessions.store import ActiveSession
from ...models.clock import from_iso
from ...models.errors import Refusal
from ...models.records import Session
from ...models.telemetry.log_context import note_user
from ...models.telemetry.log_events import log_event
from ...settings.option_types import Range
from ...storage.unreachable import get_driver_message
from ...web.http.asgi import Header
from ..plugin import Services

_log: Final = getLogger("better_auth.one_time_token")
_BYTES: Final = 24  # 32 characters, as in the original


class OneTimeTokenOptions(Struct, frozen=True, kw_only=True):
    """`expires_in` is in minutes.

    With `disable_client_request` nobody gets a token by `/one-time-token/generate`, with
    `set_ott_header_on_new_session` by the header `set-ott` of each response that sets the session
    cookie. With `disable_set_session_cookie` a verified token sets no cookie.
    """

    expires_in: Annotated[int, Range(1, 100 * 365 * 24 * 60)] = 3
    disable_client_request: bool = False
    disable_set_session_cookie: bool = False
    store_token: Literal["plain", "hashed"] = "plain"  # noqa: S105 - how, not what
    set_ott_header_on_new_session: bool = False


class InvalidOneTimeToken(Refusal):
    status, message = 400, "Invalid token"


class OneTimeSessionNotFound(Refusal):
    """The session has ended since the token was generated."""

    status, message = 400, "Session not found"


class OneTimeSessionExpired(Refusal):
    """The session has expired since the token was generated."""

    status, message = 400, "Session expired"


class OneTimeTokens:
    """Generates and verifies tokens. They are stored with the verifications."""

    def __init__(self, services: Services, options: OneTimeTokenOptions) -> None:
        self._services = services
        self._options = options

    async def generate(self, session: Session, now: datetime) -> str:
        """Returns a new token for this session."""
        token = token_urlsafe(_BYTES)
        expires_at = now + timedelta(minutes=self._options.expires_in)
        await self._services.verifications.put(
            self._identify(token), session.token, expires_at, now
        )
        return token

    async def verify(self, token: str, now: datetime) -> ActiveSession:
        """Spends the token and returns its session.

        Raises InvalidOneTimeToken, OneTimeSessionNotFound, OneTimeSessionExpired and, for users who
        must get no session, what says why.
        """
        audit = self._services.audit
        with report_refusal(audit, "one-time-token"):
            active = await self._spend(token, now)
        # After the transaction: only then it is known whose session it is.
        await audit.write(make_sign_in(active.session, "one-time-token"))
        return active

    async def _spend(self, token: str, now: datetime) -> ActiveSession:
        async with self._services.verifications.consume(self._identify(token), now) as (_, found):
            session_token = found
        if session_token is None:
            raise InvalidOneTimeToken
        active = await self._services.session_store.find(session_token)
        if active is None:
            raise OneTimeSessionNotFound
        note_user(active.user.id)
        if from_iso(active.session.expires_at) < now:
            raise OneTimeSessionExpired
        if active.restriction is not None:
            raise active.restriction
        return active

    async def give(self, issued: IssuedSession) -> Sequence[Header]:
        """Returns a token in the header `set-ott`. None where it cannot be stored."""
        try:
            token = await self.generate(issued.session, issued.now)
        except (Refusal, DBAPIError) as error:
            reason = get_driver_message(error)
            log_event(_log, "one-time token not stored", WARNING, reason=reason)
            return ()
        return [("set-ott", token)]

    def _identify(self, token: str) -> str:
        if self._options.store_token == "hashed":  # noqa: S105
            token = hash_key(token)
        return f"one-time-token:{token}"
