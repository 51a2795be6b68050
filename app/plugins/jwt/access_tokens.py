"""Access tokens for other services (RFC 7519), signed with the shared secret."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from ...auth.crypto.jws import ACCESS_TOKEN, Hs256
from ...auth.hooks import Hooks, PendingToken
from ...models.records import Session, User
from ...models.telemetry.metrics import TOKENS_ISSUED
from ...settings.settings import Settings
from ...storage.bounded_cache import BoundedCache
from ...web.http.asgi import Header
from .options import JwtOptions
from .token_hooks import SubjectClaims, choose_subject_claims

Claims = dict[str, object]

LONGEST_CLAIM: Final = 1024  # bytes of a user field


class AccessTokens(Protocol):
    """Issues the access token of a session."""

    async def issue(self, user: User, session: Session, now: datetime) -> str:
        """Returns a signed token. It never contains the session token, which is a credential.

        Raises what a hook raises.
        """
        ...


class KeyPairSigner(AccessTokens, Protocol):
    """Signs with a private key of the `jwks` table. The public key is published."""

    async def ensure(self, now: datetime) -> None:
        """Creates a key, unless there is a valid one."""
        ...


class SharedSecretTokens:
    """Signs with HS256. `sub` and `user_id` are the user's id, `sid` the session row's id.

    `names_email`: whether tokens contain the address if the settings do not choose the claims. On a
    database that is shared with a Node server they do not: that server accepts an HS256 token with
    an `email` as a verification link (Better Auth 1.7.25 `verifyEmail`).
    """

    def __init__(
        self, settings: Settings, options: JwtOptions, hooks: Hooks, *, names_email: bool
    ) -> None:
        self._jws = Hs256(list_secrets(settings, options)[0].encode(), ACCESS_TOKEN)
        self._hooks = hooks
        self._options = options
        self._issuer = options.issuer or settings.origin
        self._names_email = names_email
        self._issued: BoundedCache[_IssuedToken] = BoundedCache()

    async def issue(self, user: User, session: Session, now: datetime) -> str:
        """See `AccessTokens`. A text over `LONGEST_CLAIM` is left out."""
        issued_at = int(now.timestamp())
        if self._hooks.token_claims or self._hooks.token_subject:
            pending = PendingToken(user, session, self._select_claims(user))
            chosen = await choose_subject_claims(self._hooks, pending)
            token = self._sign(chosen, pending, issued_at)
        else:
            token = self._sign_once(user, session, issued_at)
        TOKENS_ISSUED.count("secret")
        return token

    def _sign_once(self, user: User, session: Session, issued_at: int) -> str:
        # Times are whole seconds, so the token of the same second would be the same.
        issued = self._issued.get(session.id)
        if issued is not None and issued.is_for(user, session, issued_at):
            return issued.token
        pending = PendingToken(user, session, self._select_claims(user))
        own = SubjectClaims(user.id, pending.claims)
        token = self._sign(own, pending, issued_at)
        self._issued.keep(
            session.id,
            _IssuedToken(issued_at, user, session, token),
            (*astuple(user), *astuple(session), token),
        )
        return token

    def _sign(self, chosen: SubjectClaims, pending: PendingToken, issued_at: int) -> str:
        claims: Claims = {
            "iat": issued_at,
            **chosen.claims,
            "sub": chosen.subject,
            "user_id": pending.user.id,
            "sid": pending.session.id,
            "exp": issued_at + self._options.expiration_time,
            "iss": self._issuer,
        }
        if self._options.audience:
            claims["aud"] = make_audience(self._options.audience)
        return self._jws.sign(msgspec.json.encode(claims))

    def _select_claims(self, user: User) -> Claims:
        claims = choose_claims(user, self._options)
        if not self._tells_email:
            claims.pop("email", None)
        if len(msgspec.json.encode(claims)) <= LONGEST_CLAIM:
            return claims
        return {name: value for name, value in claims.items() if not _is_too_long(value)}

    @property
    def _tells_email(self) -> bool:
        return self._names_email or self._options.claims is not None


class _IssuedToken(Struct, frozen=True):
    at: int
    user: User
    session: Session
    token: str

    def is_for(self, user: User, session: Session, at: int) -> bool:
        """Whether a token of this second for them would be the same."""
        return self.at == at and self.user == user and self.session == session


class AccessTokenHeader:
    """Sends a token along with the current session: a hook for `session_read`."""

    def __init__(self, tokens: AccessTokens) -> None:
        self._tokens = tokens

    async def give(self, user: User, session: Session, now: datetime) -> Sequence[Header]:
        """Raises what `issue` raises."""
        return [("set-auth-jwt", await self._tokens.issue(user, session, now))]


def list_secrets(settings: Settings, options: JwtOptions) -> tuple[str, ...]:
    """The HS256 keys: the first signs, all of them verify."""
    return (options.secret,) if options.secret else settings.current_and_former_secrets


def choose_claims(user: User, options: JwtOptions) -> Claims:
    """Returns the user's fields, or those in the settings."""
    fields: Claims = msgspec.to_builtins(user)
    if options.claims is None:
        return fields
    return {name: value for name, value in fields.items() if name in options.claims}


def make_audience(names: tuple[str, ...]) -> str | list[str]:
    """Returns `aud`. One name is not a list (RFC 7519 §4.1.3)."""
    return names[0] if len(names) == 1 else list(names)


def _is_too_long(value: object) -> bool:
    """Whether a text is too long for a header, such as an image as a data URL."""
    return isinstance(value, str) and len(value.encode()) > LONGEST_CLAIM
