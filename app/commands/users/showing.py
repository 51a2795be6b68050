"""`python -m app users show`."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, to_builtins

from ...auth.disabled_users.ban_marks import BanMark
from ...auth.disabled_users.disabling import DisabledMark
from ...models.records import User
from ...server.operation import make_disabling, make_lockouts, make_personal_data
from ...settings.settings import Settings
from ..console import load_settings
from ..output import print_record
from ..person import PERSON_FAULTS, open_person

FAULTS = PERSON_FAULTS
_CORE: Final = frozenset(User.__struct_encode_fields__)
_Rows = Sequence[Mapping[str, object]]


class _Person(Struct, frozen=True, rename="camel", kw_only=True):
    id: str
    email: str
    name: str
    email_verified: bool
    image: str | None
    created_at: str
    updated_at: str
    additional_fields: Mapping[str, object]
    providers: Sequence[str]
    has_password: bool
    sessions: int
    last_session_at: str | None
    disabled_at: str | None
    disabled_reason: str | None
    banned: bool
    ban_reason: str | None
    locked_out_seconds: int | None


class _State(Struct, frozen=True):
    mark: DisabledMark | None
    ban: BanMark | None
    seconds: int | None


def run(*, email: str | None, user_id: str | None, as_json: bool) -> int:
    """Shows a user."""
    print_record(asyncio.run(_find(load_settings(), email, user_id)), as_json=as_json)
    return 0


async def _find(settings: Settings, email: str | None, user_id: str | None) -> _Person:
    async with open_person(settings, email, user_id) as (container, user):
        disabling, lockouts = make_disabling(container), make_lockouts(container)
        data = make_personal_data(container)
        rows = (await data.read_accounts(user), await data.read_sessions(user))
        found = [] if lockouts is None else await lockouts.find(user, ())
        seconds = max((each.seconds for each in found), default=None)
        ban = await disabling.find_ban(user.id)
        return _describe(user, *rows, _State(await disabling.find(user.id), ban, seconds))


def _describe(user: User, accounts: _Rows, sessions: _Rows, state: _State) -> _Person:
    fields: dict[str, object] = to_builtins(user)
    more = {name: value for name, value in fields.items() if name not in _CORE}
    mark, ban = state.mark, state.ban
    return _Person(
        id=user.id,
        email=user.email,
        name=user.name,
        email_verified=user.email_verified,
        image=user.image,
        created_at=user.created_at,
        updated_at=user.updated_at,
        additional_fields=more,
        providers=sorted({str(account["providerId"]) for account in accounts}),
        has_password=any(account["hasPassword"] for account in accounts),
        sessions=len(sessions),
        last_session_at=max((str(each["createdAt"]) for each in sessions), default=None),
        disabled_at=None if mark is None else mark.since,
        disabled_reason=None if mark is None else mark.reason,
        banned=ban is not None,
        ban_reason=None if ban is None else ban.reason,
        locked_out_seconds=state.seconds,
    )
