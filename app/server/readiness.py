"""What `/health/ready` reports."""

from ..models.errors import StoreUnavailable
from ..schema.state import is_current
from ..storage.secondary import SecondaryStorage
from .container import Container
from .plugins import derive_requirements


async def read_readiness(container: Container) -> dict[str, bool]:
    """Returns whether each store answers, and whether the schema is current."""
    storage = container.resources.storage
    beside = {} if storage is None else {"storage": await _can_reach(storage)}
    try:
        await container.database.ping()
        current = await is_current(container.database, derive_requirements(container.settings))
    except StoreUnavailable:
        return {"database": False, "schema": False, **beside}
    return {"database": True, "schema": current, **beside}


async def _can_reach(storage: SecondaryStorage) -> bool:
    try:
        await storage.ping()
    except StoreUnavailable:
        return False
    return True
