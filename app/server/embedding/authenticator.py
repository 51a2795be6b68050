"""Who calls the application, for the bridge: read from the store of the same process."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ...auth import errors
from ...auth.sessions.guard import CacheUse
from ...auth.sessions.store import ActiveSession
from ...bridge.cookie import MissingCookie
from ...bridge.errors import (
    BannedUser,
    BridgeError,
    ForeignOrigin,
    InvalidToken,
    TwoFactorRequired,
    Unavailable,
)
from ...bridge.presented import Presented
from ...bridge.user import User
from ...models.clock import from_iso
from ...models.clock import now as clock
from ...models.errors import Refusal, StoreUnavailable
from ...settings.cookie_definitions import resolve_cookie
from ...settings.settings import Settings
from ...web.http.headers import Headers
from ..container import Container
from ..opening import OPENING_FAULTS

_RESTRICTIONS: Final[dict[type[Refusal], type[BridgeError]]] = {
    errors.BannedUser: BannedUser,
    errors.TwoFactorRequired: TwoFactorRequired,
}


class StoreAuthenticator:
    """Accepts what `/get-session` accepts: the session cookie, or a session token as bearer.

    It always reads the store, so an ended session is refused at once. A cookie counts only from
    pages of trusted origins.
    """

    def __init__(self, settings: Settings, open_: Callable[[], Awaitable[Container]]) -> None:
        self._open = open_
        self.cookie_name = resolve_cookie(settings, "session_token").name

    async def authenticate(self, credentials: Presented) -> User:
        """Returns the user of a request.

        Raises MissingCookie, ForeignOrigin, InvalidToken, BannedUser, TwoFactorRequired,
        Unavailable.
        """
        try:
            active = await self._find_session(credentials)
        except (StoreUnavailable, *OPENING_FAULTS) as fault:
            raise Unavailable(str(fault)) from fault
        if active is None:
            raise InvalidToken("the session has ended or expired")
        if active.restriction is not None:
            raise _RESTRICTIONS[active.restriction]
        return _make_user(active)

    async def _find_session(self, credentials: Presented) -> ActiveSession | None:
        container = await self._open()
        guard = container.guard
        headers = Headers(_encode(b"authorization", credentials.authorization))
        if guard.read_credentials(headers).token is None:
            trusts = container.trusted.trusts_origin
            if credentials.cookies and not all(map(trusts, credentials.origins)):
                raise ForeignOrigin
            headers = Headers(_encode(b"cookie", credentials.cookies))
            if guard.read_credentials(headers).token is None:
                raise MissingCookie
        return await guard.read_session(headers, clock(), cache=CacheUse.IGNORED)


def _encode(name: bytes, values: Sequence[str]) -> list[tuple[bytes, bytes]]:
    return [(name, value.encode("latin-1")) for value in values]


def _make_user(active: ActiveSession) -> User:
    session, user = active.session, active.user
    return User.of(
        {
            "sub": user.id,
            "sid": session.id,
            "email": user.email,
            "name": user.name,
            "exp": int(from_iso(session.expires_at).timestamp()),
        }
    )
