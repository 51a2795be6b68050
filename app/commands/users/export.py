"""`python -m app users export`."""

import asyncio
import sys
from collections.abc import Mapping

from msgspec import json

from ...auth.audit.events import Event
from ...server.operation import make_personal_data
from ...settings.settings import Settings
from ..console import load_settings
from ..person import PERSON_FAULTS, open_person

FAULTS = PERSON_FAULTS


def run(*, email: str | None, user_id: str | None, as_json: bool) -> int:
    """Prints one JSON document: indented, or with `as_json` on one line."""
    data = asyncio.run(_collect(load_settings(), email, user_id))
    text = json.encode(data)
    sys.stdout.write(f"{(text if as_json else json.format(text)).decode()}\n")
    return 0


async def _collect(
    settings: Settings, email: str | None, user_id: str | None
) -> Mapping[str, object]:
    async with open_person(settings, email, user_id) as (container, user):
        data = await make_personal_data(container).collect(user)
        await container.audit.write(Event("user_exported", user.id))
        return data
