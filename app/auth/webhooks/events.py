"""What a webhook tells: the body of an event, and the row that it becomes."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from ...models.clock import to_iso
from ...models.identifiers import generate_id
from ...models.records import Session
from ...settings.webhooks import WebhookEvent


class Body(Struct, frozen=True):
    """The body, as Standard Webhooks has it."""

    type: WebhookEvent
    timestamp: str
    data: Mapping[str, object]


def make_event_row(
    event: WebhookEvent, user_id: str, data: Mapping[str, object], now: datetime
) -> dict[str, object]:
    """Returns the row of a new event about this user. `data` are records and names of fields."""
    at = to_iso(now)
    return {
        "message_id": f"msg_{generate_id()}",
        "user_id": user_id,
        "type": event,
        "body": msgspec.json.encode(Body(event, at, data)).decode(),
        "queued_at": at,
        "due_at": at,
        "attempts": 0,
    }


def hide_token(session: Session) -> Mapping[str, object]:
    """Returns the fields of a session that its user may show to others."""
    fields: dict[str, object] = msgspec.to_builtins(session)
    del fields["token"]
    return fields


def list_public_names(record: Struct, changed: Mapping[str, object]) -> list[str]:
    """Returns the names, in JSON, of the changed fields (by attribute) that the record shows."""
    names = zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True)
    return [name for attribute, name in names if attribute in changed]
