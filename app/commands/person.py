"""The one person whom a command is about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from ..bridge.database_url import DatabaseUrlError
from ..models.errors import Refusal
from ..models.records import User
from ..schema.state import SchemaError
from ..server.container import Container
from ..server.operation import make_person_changes
from ..settings.settings import Settings
from .database import open_container


class NoSuchPerson(Exception):
    """Nobody has this address or this id."""


PERSON_FAULTS: Final = (DatabaseUrlError, SchemaError, NoSuchPerson, Refusal)
_NO_ADDRESS: Final = "there is no user with this address"
_NO_ID: Final = "there is no user with this id"


@asynccontextmanager
async def open_person(
    settings: Settings, email: str | None, user_id: str | None, *, needs_redis: bool = True
) -> AsyncIterator[tuple[Container, User]]:
    """Opens the objects of the service, and finds the user, for the block.

    Raises NoSuchPerson, and what `open_container` raises.
    """
    async with open_container(settings, needs_redis=needs_redis) as container:
        yield container, await get_person(container, email, user_id)


async def get_person(container: Container, email: str | None, user_id: str | None) -> User:
    """Returns the user with this address or this id. Raises NoSuchPerson."""
    user = await make_person_changes(container).find(email, user_id)
    if user is None:
        raise NoSuchPerson(_NO_ID if email is None else _NO_ADDRESS)
    return user
