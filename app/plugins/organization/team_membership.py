"""Who is in which team. Every function is a step of a transaction that locks the organization."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...bridge.encodings import encode_base64url
from ...models.clock import to_iso
from .common import add
from .directory import count
from .queries import Query, Source
from .records import Records, TeamMember


class TeamMembership:
    """Adds users to teams and removes them, and counts them in `memberCount` of the team.

    `maximum` is the option `maximumMembersPerTeam`. Source: `addTeamMemberWithLimit`.
    """

    def __init__(self, records: Records, maximum: int | None) -> None:
        self._records = records
        self._maximum = maximum
        members = records.team_members
        found = select(*members.columns).where(members.table.c.teamId == bindparam("team_id"))
        is_user = members.table.c.userId == bindparam("user_id")
        self._one = Query(found.where(is_user), members.to_record)
        self._all = Query(found.limit(100), members.to_record)

    async def find(self, source: Source, team_id: str, user_id: str) -> TeamMember | None:
        """Returns the membership of a user in a team, or None."""
        return await self._one.find(source, team_id=team_id, user_id=user_id)

    async def list_all(self, source: Source, team_id: str) -> Sequence[TeamMember]:
        """Returns the members of a team, at most 100."""
        return await self._all.list_all(source, team_id=team_id)

    async def is_full(self, tx: AsyncConnection, team_id: str) -> bool:
        """Whether no more users may be added."""
        members = self._records.team_members.table
        return self._maximum is not None and (
            await count(tx, members.c.teamId == team_id) >= self._maximum
        )

    async def add(
        self,
        tx: AsyncConnection,
        team_id: str,
        user_id: str,
        now: datetime,
        *,
        is_limited: bool = True,
    ) -> TeamMember | None:
        """Returns the new membership, or the one that is there. None if the team is full."""
        existing = await self.find(tx, team_id, user_id)
        if existing is not None:
            return existing
        teams, mapper = self._records.teams.table, self._records.team_members
        counted = await tx.execute(select(teams.c.memberCount).where(teams.c.id == team_id))
        # Older releases of Better Auth did not count.
        seats = max(int(counted.scalar_one()), await count(tx, mapper.table.c.teamId == team_id))
        if is_limited and self._maximum is not None and seats >= self._maximum:
            return None
        await tx.execute(update(teams).where(teams.c.id == team_id).values(memberCount=seats + 1))
        member = TeamMember(
            team_id=team_id, user_id=user_id, created_at=to_iso(now), id=mapper.generate_id()
        )
        await add(tx, mapper, member, membershipKey=make_membership_key(team_id, user_id))
        return member

    async def remove(self, tx: AsyncConnection, team_id: str, user_id: str) -> None:
        """Removes a user from a team."""
        members, teams = self._records.team_members.table, self._records.teams.table
        removed = await tx.execute(
            delete(members).where(members.c.teamId == team_id, members.c.userId == user_id)
        )
        seats = teams.c.memberCount - removed.rowcount
        await tx.execute(
            update(teams).where(teams.c.id == team_id, seats >= 0).values(memberCount=seats)
        )

    async def remove_from_all(
        self, tx: AsyncConnection, organization_id: str, user_id: str
    ) -> None:
        """Removes a user from all teams of an organization."""
        members, teams = self._records.team_members.table, self._records.teams.table
        found = await tx.execute(
            select(teams.c.id)
            .join_from(members, teams, members.c.teamId == teams.c.id)
            .where(teams.c.organizationId == organization_id, members.c.userId == user_id)
        )
        for (team_id,) in found.all():
            await self.remove(tx, str(team_id), user_id)


def make_membership_key(team_id: str, user_id: str) -> str:
    """Returns the value that is unique for a user in a team. Source: `computeTeamMembershipKey`."""
    return encode_base64url(sha256(msgspec.json.encode([team_id, user_id])).digest())
