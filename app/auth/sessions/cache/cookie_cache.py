"""`session.cookieCache`: session and user in a cookie, so the store is not read.

Source: Better Auth 1.7.25 `setCookieCache`, `decodeCookieCache`, `getSession`.
"""

from datetime import datetime
from typing import Final, TypeVar, cast

from msgspec import DecodeError, Raw, Struct, defstruct, field, json, structs

from ....models.clock import from_iso, to_milliseconds
from ....models.mappers import Mappers
from ....models.records import Record, Session, User
from ....settings.settings import Settings
from ..store import ActiveSession
from .codec import Codec
from .compact import Compact
from .signed import Signed

R = TypeVar("R", bound=Record)

# The fields of the original's schema (1.7.25 `cookieCachePayloadSchema`) in its order.
_SESSION: Final = (
    *("id", "created_at", "updated_at", "user_id", "expires_at", "token"),
    *("ip_address", "user_agent"),
)
_USER: Final = ("id", "created_at", "updated_at", "email", "email_verified", "name", "image")


class _CachePayload(Struct, frozen=True, rename="camel"):
    session: Raw
    user: Raw
    updated_at: int
    version: str = ""


class CookieCache:
    """Writes the cookie cache, and reads it if it may answer.

    Until it expires, it does not notice that a session ended. Without `believes` it is only
    written, for other programs.
    """

    def __init__(self, settings: Settings, mappers: Mappers, *, believes: bool = True) -> None:
        self._codec = make_codec(settings)
        self._version = settings.session.cookie_cache.version
        self._session = json.Decoder(_make_reordered_type(mappers.session.record_type, _SESSION))
        self._user = json.Decoder(_make_reordered_type(mappers.user.record_type, _USER))
        self._believes = believes

    def seal(self, session: Session, user: User, max_age: int | None, now: datetime) -> str:
        """Returns the value of the cookie. `max_age` is in seconds."""
        payload = {
            "session": session,
            "user": user,
            "updatedAt": to_milliseconds(now),
            "version": self._version,
        }
        return self._codec.seal(json.encode(payload), max_age, now)

    def open(self, value: str, token: str, now: datetime) -> ActiveSession | None:
        """Returns the session with this token, or None if the cache is invalid."""
        opened = self._codec.open(value, now) if self._believes else None
        if opened is None or opened.expires_at < to_milliseconds(now):
            return None
        try:
            payload = json.decode(opened.payload, type=_CachePayload)
            active = ActiveSession(
                self._session.decode(payload.session), self._user.decode(payload.user)
            )
            ended = from_iso(active.session.expires_at) < now
        except (DecodeError, ValueError):
            return None
        is_other = active.session.token != token or (payload.version or "1") != self._version
        return None if ended or is_other else active

    def reorder(self, active: ActiveSession) -> ActiveSession:
        """Returns the session with its fields in the order of this cache."""
        session = self._session.decode(json.encode(active.session))
        return structs.replace(
            active, session=session, user=self._user.decode(json.encode(active.user))
        )


def make_codec(settings: Settings) -> Codec:
    """Returns the strategy of the settings."""
    strategy = settings.session.cookie_cache.strategy
    if strategy == "jwe":
        former = (secret.value for secret in settings.secrets)
        from .encrypted import Encrypted  # noqa: PLC0415 - joserfc, for this strategy alone

        return Encrypted(list(dict.fromkeys((settings.secret, *former))))
    return Signed(settings.secret) if strategy == "jwt" else Compact(settings.secret)


def _make_reordered_type(kind: type[R], first: tuple[str, ...]) -> type[R]:
    """Returns a type with the fields of `kind`, these first.

    It replaces `kind`, but is not a subclass, which would keep the order.
    """
    fields = {each.name: each for each in structs.fields(kind)}
    names = [*first, *(name for name in fields if name not in first)]
    made = defstruct(
        kind.__name__,
        [(name, fields[name].type, field(default=fields[name].default)) for name in names],
        frozen=True,
        kw_only=True,
        rename={name: fields[name].encode_name for name in names},
    )
    return cast("type[R]", made)
