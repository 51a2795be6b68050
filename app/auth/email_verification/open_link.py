"""Opens a mailed link (`verifyEmail`, Better Auth 1.7.25)."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from ...models.errors import BannedUser, TwoFactorRequired
from ...models.records import Session, User
from ...web.http.client import Client
from ...web.http.headers import Headers
from ..errors import InvalidUser, LinkRefusal
from ..passwords.credentials import Known
from ..sessions.cookies import SetCookie
from ..sessions.guard import Guard, Identity
from .link_tokens import LinkTokens, Purpose
from .mail import VerificationMail
from .owners import LinkOwners
from .verified_addresses import ProvenAddresses


class Visit(Struct, frozen=True):
    """The request of a link: the caller, the callbackURL, and the time."""

    client: Client
    headers: Headers
    callback_url: str
    now: datetime


class Opened(Struct, frozen=True):
    """The result: the user for the response (UNSET: no user), and the headers."""

    user: User | UnsetType | None
    lines: list[SetCookie]


class MailedLinks:
    """Opens links. A link works until it expires. It sends a mail only once."""

    def __init__(
        self,
        tokens: LinkTokens,
        owners: LinkOwners,
        proven: ProvenAddresses,
        mail: VerificationMail,
        guard: Guard,
    ) -> None:
        self._tokens = tokens
        self._owners = owners
        self._proven = proven
        self._mail = mail
        self._guard = guard

    async def open(self, token: str, visit: Visit) -> Opened:
        """Does what the link is for.

        Raises InvalidLink, LinkExpired, LinkUserNotFound, InvalidUser, AddressTaken.
        """
        proof = self._tokens.read(token, visit.now)
        if proof.update_to is None:
            return await self._verify(await self._owners.by_address(proof), proof.choice, visit)
        user = await self._owners.by_id(proof)
        caller = await self._guard.anyone(visit.headers, visit.now)
        if caller.live is not None and caller.live.user.id != user.id:
            raise InvalidUser(caller.lines)
        if proof.purpose is Purpose.CONFIRM_CHANGE:
            await self._mail.on_confirmed(user, proof, visit.callback_url, visit.now)
            return Opened(UNSET, caller.lines)
        return await self._change(user, proof.update_to, caller, visit)

    async def _verify(self, known: Known, choice: str | None, visit: Visit) -> Opened:
        if known.user.email_verified:
            return Opened(None, [])
        user = await self._proven.verify(known, choice, visit.now)
        if not self._mail.signs_in_afterwards:
            return Opened(None, [])
        caller = await self._guard.anyone(visit.headers, visit.now)
        if caller.live is not None and caller.live.user.email == user.email:
            session = caller.live.session
        else:
            try:
                session = await self._proven.start_session(user, visit.client)
            except (BannedUser, TwoFactorRequired):
                return Opened(None, caller.lines)
        return Opened(None, [*caller.lines, *await self._cookies(session, user, visit)])

    async def _change(self, user: User, new_email: str, caller: Identity, visit: Visit) -> Opened:
        """Changes the address. Does not sign in."""
        try:
            changed = await self._proven.replace(user, new_email, visit.now)
        except LinkRefusal as refusal:
            raise refusal.with_headers(caller.lines) from None
        live = caller.live
        cookies = [] if live is None else await self._cookies(live.session, changed, visit)
        return Opened(changed, [*caller.lines, *cookies])

    async def _cookies(self, session: Session, user: User, visit: Visit) -> list[SetCookie]:
        return await self._guard.reissued(session, user, visit.headers, visit.now)
