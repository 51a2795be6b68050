"""`python -m app users create`."""

import asyncio

from msgspec import Struct

from ...auth.operators.person_creation import NewPerson
from ...models.clock import now
from ...models.records import User
from ...server.operation import make_person_creation
from ...settings.settings import Settings
from ..console import load_settings
from ..database import open_container
from ..output import print_done
from ..passwords import UnusablePassword, explain_length, read_new_password
from ..person import PERSON_FAULTS

FAULTS = (*PERSON_FAULTS, UnusablePassword)


class _Created(Struct, frozen=True, rename="camel"):
    id: str
    email: str
    verified: bool
    has_password: bool


def run(
    *,
    email: str,
    name: str,
    from_stdin: bool,
    verified: bool,
    as_json: bool,
) -> int:
    """Creates a user."""
    settings = load_settings()
    password = read_new_password(from_stdin=from_stdin)
    person = NewPerson(email, name, password, verified)
    made = asyncio.run(_create(settings, person))
    created = _Created(made.id, made.email, made.email_verified, password is not None)
    print_done(f"{made.id} is created", created, as_json=as_json)
    return 0


async def _create(settings: Settings, person: NewPerson) -> User:
    async with open_container(settings) as container:
        with explain_length(settings.email_and_password):
            return await make_person_creation(container).create(person, now())
