"""`python -m app audit list`."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs

from ...auth.audit.events import Detail, EventName
from ...auth.audit.history import AuditFilter, AuditHistory, AuditRecord
from ...bridge.database_url import DatabaseUrlError
from ...models.program_name import COMMAND
from ...schema.state import SchemaError
from ...server.container import Container
from ...server.operation import make_person_changes
from ...server.stores import is_audit_on
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..database import open_container
from ..output import print_rows


class AuditFault(Exception):
    """Why no events can be listed, and what to do."""


FAULTS = (DatabaseUrlError, SchemaError, AuditFault)


class AuditLine(Struct, frozen=True, rename="camel"):
    """An event in one line of a terminal."""

    time: str
    event: str
    by: str
    user: str | None
    address: str | None
    why: str | None
    count: int
    request: str | None


def run(  # noqa: PLR0913 - an option each
    *,
    email: str | None,
    user_id: str | None,
    since: datetime | None,
    event: EventName | None,
    limit: int,
    as_json: bool,
) -> int:
    """Lists events. Returns 0."""
    criteria = AuditFilter(user_id, since, event)
    found = asyncio.run(_list(load_settings(), criteria, email, limit))
    if as_json:
        print_rows(found, as_json=True)
    elif found:
        print_rows(map(_shorten, found), as_json=False)
    else:
        print_message("There are no such events.")
    return 0


async def _list(
    settings: Settings, criteria: AuditFilter, email: str | None, limit: int
) -> Sequence[AuditRecord]:
    async with open_container(settings, needs_redis=False) as container:
        if not is_audit_on(settings, container.schema):
            raise AuditFault(f"the audit is off here: set AUDIT=true and run `{COMMAND} migrate`")
        if email is not None:
            criteria = structs.replace(criteria, user_id=await _get_user_id(container, email))
        history = AuditHistory(container.database, container.tables)
        return await history.list_events(criteria, limit)


async def _get_user_id(container: Container, email: str) -> str:
    user = await make_person_changes(container).find(email, None)
    if user is None:
        raise AuditFault(
            "nobody has this address: find the events of a deleted user with --id, and failed"
            " sign-ins with unknown addresses with --event sign_in_failed"
        )
    return user.id


def _shorten(record: AuditRecord) -> AuditLine:
    by = " ".join(filter(None, (record.actor, record.actor_id)))
    why = record.reason or _describe_details(record)
    return AuditLine(
        record.created_at,
        record.event,
        by,
        record.user_id,
        record.ip_address,
        why,
        record.count,
        record.request_id,
    )


def _describe_details(record: AuditRecord) -> str | None:
    """Returns `method=password`, where there is no reason."""
    details = record.details or {}
    return " ".join(f"{name}={_show(value)}" for name, value in details.items())


def _show(value: Detail) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)
