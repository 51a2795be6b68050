"""Sessions: start one, say whose it is, renew it, end it."""

from datetime import datetime, timedelta

from msgspec import UNSET, Struct, UnsetType, structs
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.clock import from_iso, to_iso
from app.database import Database
from app.errors import FailedToGetSession, Refusal
from app.identifiers import new_id
from app.models import sessions, users
from app.records import Session, User
from app.restrictions import Restrictions
from app.sessions.cookies import Presented
from app.settings import SessionPolicy
from app.web.client import Client

FORGETFUL_AGE = timedelta(days=1)  # of a session with rememberMe false, whatever `expiresIn` says

SESSION_COLUMNS = tuple(sessions.c[f.encode_name] for f in structs.fields(Session))
USER_COLUMNS = tuple(users.c[f.encode_name] for f in structs.fields(User))
_USER_AT = len(SESSION_COLUMNS)
_MARKS_AT = _USER_AT + len(USER_COLUMNS)


class Live(Struct, frozen=True):
    """A session that holds. `due` says its expiry should be moved, `renewed` that it just was.

    `due` is UNSET where the request or its cookies rule a renewal out.
    """

    session: Session
    user: User
    restriction: type[Refusal] | None
    due: bool | UnsetType = UNSET
    renewed: bool = False


class Absent(Struct, frozen=True):
    """No session; `presented` when a signed token asked for one and must be taken back."""

    presented: bool


class Sessions:
    """Answers who is calling, always from the database."""

    def __init__(
        self, database: Database, policy: SessionPolicy, restrictions: Restrictions
    ) -> None:
        self._database = database
        self._policy = policy
        self._restrictions = restrictions
        self._by_token = (
            select(*SESSION_COLUMNS, *USER_COLUMNS, *restrictions.columns())
            .join_from(sessions, users, sessions.c.userId == users.c.id)
            .where(sessions.c.token == bindparam("token"))
        )

    @property
    def defers_refresh(self) -> bool:
        """Whether sessions are renewed by POST /get-session only, so that a GET writes nothing."""
        return self._policy.defer_session_refresh

    async def resolve(
        self, presented: Presented, now: datetime, *, refresh: bool = True, write: bool = True
    ) -> Live | Absent:
        """The session of a presented token, renewed when it is due.

        Without `write` nothing is changed: an expired row stays and a due session is only said
        to be. Raises FailedToGetSession when the row goes away during the renewal.
        """
        if presented.token is None:
            return Absent(presented=False)
        found = await self._find(presented.token)
        if found is None:
            return Absent(presented=True)
        if from_iso(found.session.expires_at) < now:
            if write:
                await self.end(presented.token)
            return Absent(presented=True)
        if presented.dont_remember or not refresh:
            return found
        due = self._is_due(found.session, now)
        return await self._renew(found, now) if due and write else structs.replace(found, due=due)

    def is_fresh(self, session: Session, now: datetime) -> bool:
        """Whether it began less than `session.freshAge` ago; renewing makes nothing fresh."""
        age = self._policy.fresh_age
        return age == 0 or now - from_iso(session.created_at) < timedelta(seconds=age)

    async def end(self, token: str) -> None:
        """Delete the session, if there is one: from now on every process refuses it."""
        async with self._database.begin() as tx:
            await tx.execute(delete(sessions).where(sessions.c.token == token))

    async def _find(self, token: str) -> Live | None:
        row = await self._database.read_one(self._by_token, {"token": token})
        if row is None:
            return None
        return Live(
            Session(*row[:_USER_AT]),
            User(*row[_USER_AT:_MARKS_AT]),
            self._restrictions.refusal(row[_MARKS_AT:]),
        )

    def _is_due(self, session: Session, now: datetime) -> bool:
        policy = self._policy
        age = timedelta(seconds=policy.expires_in - policy.update_age)
        return not policy.disable_session_refresh and from_iso(session.expires_at) - age <= now

    async def _renew(self, found: Live, now: datetime) -> Live:
        moved = {
            "expiresAt": to_iso(now + timedelta(seconds=self._policy.expires_in)),
            "updatedAt": to_iso(now),
        }
        async with self._database.begin() as tx:
            same = sessions.c.token == found.session.token
            changed = await tx.execute(update(sessions).where(same).values(moved))
        if changed.rowcount == 0:
            raise FailedToGetSession
        session = structs.replace(
            found.session, expires_at=moved["expiresAt"], updated_at=moved["updatedAt"]
        )
        return structs.replace(found, session=session, renewed=True)


async def start(
    tx: AsyncConnection, user_id: str, client: Client, age: timedelta, now: datetime
) -> Session:
    """A new session of this user, with a token never seen before; a step of the caller's `tx`."""
    session = Session(
        expires_at=to_iso(now + age),
        token=new_id(),
        created_at=to_iso(now),
        updated_at=to_iso(now),
        ip_address=client.ip,
        user_agent=client.user_agent,
        user_id=user_id,
        id=new_id(),
    )
    values = {f.encode_name: getattr(session, f.name) for f in structs.fields(Session)}
    await tx.execute(insert(sessions).values(values))
    return session


def age_of(policy: SessionPolicy, *, remember: bool) -> timedelta:
    """How long a new session lasts."""
    return timedelta(seconds=policy.expires_in) if remember else FORGETFUL_AGE
