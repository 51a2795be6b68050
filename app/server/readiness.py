"""What `/health/ready` reports."""

from ..models.errors import StoreUnavailable
from ..schema.state import find_missing_tables, is_current
from ..storage.secondary import SecondaryStorage
from .container import Container
from .plugins import derive_requirements


async def read_readiness(container: Container) -> dict[str, bool]:
    """Returns whether each store answers, and whether the schema is current.

    A table that another program dropped is named.
    """
    storage = container.resources.storage
    beside = {} if storage is None else {"storage": await _can_reach(storage)}
    try:
        await container.database.ping()
        missing = await find_missing_tables(container.database, container.schema)
        requirements = derive_requirements(container.settings)
        own_schema = container.schema.own_schema
        current = await is_current(container.database, requirements, own_schema)
    except StoreUnavailable:
        return {"database": False, "schema": False, **beside}
    gone = dict.fromkeys((f"table {name}" for name in missing), False)
    return {"database": True, "schema": current and not gone, **gone, **beside}


async def _can_reach(storage: SecondaryStorage) -> bool:
    try:
        await storage.ping()
    except StoreUnavailable:
        return False
    return True
