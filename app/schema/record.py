"""Where this service wrote what it did to a database."""

from ..bridge.catalog import Catalog
from .layouts import has_column
from .names import ORIGIN_TABLE, VERSION_TABLE, quote_path


def find_record(catalog: Catalog, own_schema: str) -> str | None:
    """Returns the schema in which this service wrote what it did, None if it did nothing."""
    for schema in (own_schema, catalog.schema):
        if all(catalog.find_in(schema, table) for table in (VERSION_TABLE, ORIGIN_TABLE)):
            return schema
    return None


def describe_half_record(catalog: Catalog, own_schema: str) -> str | None:
    """Returns a line if another program dropped one of the two tables of the record."""
    for schema in (own_schema, catalog.schema):
        for gone, there in ((VERSION_TABLE, ORIGIN_TABLE), (ORIGIN_TABLE, VERSION_TABLE)):
            if catalog.find_in(schema, there):
                return (
                    f'another program dropped the table "{gone}": restore a backup, or run'
                    f" DROP TABLE {quote_path(schema, there)}, and the database is adopted again"
                )
    return None


def has_layout(catalog: Catalog, schema: str) -> bool:
    """Whether the record contains a layout. That of an older release does not."""
    table = catalog.find_in(schema, ORIGIN_TABLE)
    return table is not None and has_column(table, "layout", catalog.dialect)


def choose_remedy(*, is_renamed: bool, is_lost: bool) -> str:
    """Returns what to do about a database that is not as it was recorded.

    `is_renamed`: settings have another name. `is_lost`: only a table is gone.
    """
    if is_renamed:
        return "this database has that name: correct the setting"
    remedy = "another program changed it since: undo that change, or restore a backup"
    again = (
        f", or drop {VERSION_TABLE} and {ORIGIN_TABLE}: then the database is adopted again, and"
        " gets an empty one"
    )
    return remedy + again if is_lost else remedy
