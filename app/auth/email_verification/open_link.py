"""Opens a mailed link (`verifyEmail`, Better Auth 1.7.25)."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from ...models.errors import Refusal
from ...models.records import Client, Session, User
from ...web.http.headers import Headers
from ..errors import BannedUser, InvalidUser, TwoFactorRequired, UserDisabled
from ..passwords.password_accounts import KnownUser
from ..sessions.cookies import SetCookie
from ..sessions.guard import Guard, Identity
from .link_tokens import LinkClaims, LinkTokens, Purpose
from .link_users import LinkUsers
from .mail import VerificationMail
from .verified_addresses import VerifiedAddresses


class LinkRequest(Struct, frozen=True):
    """The request of a link: the caller, the callbackURL, the time, and the path."""

    client: Client
    headers: Headers
    callback_url: str
    now: datetime
    path: str


class LinkOutcome(Struct, frozen=True):
    """The result: the user for the response (UNSET: no user), and the headers."""

    user: User | UnsetType | None
    headers: list[SetCookie]


class MailedLinks:
    """Opens links. A link works until it expires. It sends a mail only once."""

    def __init__(
        self,
        tokens: LinkTokens,
        users: LinkUsers,
        verified: VerifiedAddresses,
        mail: VerificationMail,
        guard: Guard,
    ) -> None:
        self._tokens = tokens
        self._users = users
        self._verified = verified
        self._mail = mail
        self._guard = guard

    async def open(self, token: str, request: LinkRequest) -> LinkOutcome:
        """Does what the link is for.

        Raises InvalidLink, LinkExpired, LinkUserNotFound, InvalidUser, AddressTaken, and what a
        hook refuses. Where it refuses only the session, the address is verified.
        """
        claims = self._tokens.read(token, request.now)
        if claims.update_to is None:
            return await self._verify(
                await self._users.get_by_email(claims), claims.choice, request
            )
        user = await self._users.get_by_id(claims)
        caller = await self._guard.find_session(request.headers, request.now)
        if caller.active is not None and caller.active.user.id != user.id:
            raise InvalidUser(caller.headers)
        if claims.purpose is Purpose.CONFIRM_CHANGE:
            await self._mail.on_confirmed(user, claims, request.callback_url, request.now)
            return LinkOutcome(UNSET, caller.headers)
        return await self._change(user, claims, caller, request)

    async def _verify(
        self, known: KnownUser, choice: str | None, request: LinkRequest
    ) -> LinkOutcome:
        if known.user.email_verified:
            return LinkOutcome(None, [])
        user = await self._verified.verify(known, choice, request.now)
        if not self._mail.signs_in_afterwards:
            return LinkOutcome(None, [])
        caller = await self._guard.find_session(request.headers, request.now)
        if caller.active is not None and caller.active.user.email == user.email:
            session, path = caller.active.session, None
        else:
            path = request.path
            try:
                session = await self._verified.start_session(user, request.client)
            except (BannedUser, TwoFactorRequired, UserDisabled):
                return LinkOutcome(None, caller.headers)
            except Refusal as refusal:  # of a hook
                raise refusal.with_headers(caller.headers) from None
        cookies = await self._reissue_cookies(session, user, request, path)
        return LinkOutcome(None, [*caller.headers, *cookies])

    async def _change(
        self, user: User, claims: LinkClaims, caller: Identity, request: LinkRequest
    ) -> LinkOutcome:
        """Changes the address. Does not sign in."""
        try:
            changed = await self._verified.replace(
                user,
                claims.update_to or "",
                request.now,
                while_unverified=claims.unproven,
                while_password=claims.choice,
            )
        except Refusal as refusal:
            raise refusal.with_headers(caller.headers) from None
        active = caller.active
        cookies = (
            [] if active is None else await self._reissue_cookies(active.session, changed, request)
        )
        return LinkOutcome(changed, [*caller.headers, *cookies])

    async def _reissue_cookies(
        self, session: Session, user: User, request: LinkRequest, path: str | None = None
    ) -> list[SetCookie]:
        """`path`: that of a new session."""
        headers, now = request.headers, request.now
        return await self._guard.reissue_cookies(session, user, headers, now, path)
