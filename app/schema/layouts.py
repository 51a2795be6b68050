"""The layout of the tables that a catalog shows: names, types of times and ids."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Table, text

from ..bridge.catalog import Catalog, CatalogColumn, CatalogTable, Read
from ..bridge.table_names import COLUMNS, NameOptions, format_table_variable
from ..bridge.table_search import FoundTable, FoundTables, fold_name, match_columns
from ..models.column_types import MILLISECONDS_FROM, get_kind
from ..models.layout import ColumnLayout, Form, Layout, TableLayout
from ..models.tables import CORE_TABLES, rate_limits
from .names import make_statement, quote_name

NATIVE: Final = Layout()
_SAMPLE: Final = 10_000  # rows of which the form of times is read
# Better Auth's own adapter declares `date`; others may hold numbers.
_TEXTS: Final = ("date", "text")
_DECLARED: Final[Mapping[str, Table]] = {
    **{str(table.name): table for table in CORE_TABLES},
    str(rate_limits.name): rate_limits,
}


class TimeForms(Struct, frozen=True):
    """How the columns of a SQLite table store times. `unclear` are integers without any hint."""

    forms: Mapping[str, Form | None]
    unclear: tuple[str, ...] = ()


def list_time_columns(table: str) -> list[str]:
    """Returns the names of the columns of Better Auth's table that store times."""
    return [c.name for c in _DECLARED[table].columns if get_kind(c.type) == "date"]


def list_id_columns(table: str) -> list[str]:
    """Returns the names of the columns of Better Auth's table that store ids of rows."""
    return [name for name in ("id", "userId") if name in _DECLARED[table].c]


def make_new_layout(options: NameOptions, *, uuid_ids: bool, dialect: str) -> Layout:
    """Returns the layout of a new database, which has the names that the options say."""
    form: Form | None = "uuid" if uuid_ids and dialect == "postgresql" else None
    tables = {}
    for table in (*COLUMNS,):
        fields = options.fields.get(table, {})
        columns = {name: ColumnLayout(physical) for name, physical in fields.items()}
        if form is not None and table != "rateLimit":
            for name in list_id_columns(table):
                columns[name] = ColumnLayout(fields.get(name, name), form)
        if columns or table in options.tables:
            tables[table] = TableLayout(options.tables.get(table, table), columns=columns)
    return Layout(tables, uuid_ids=uuid_ids)


def make_layout(
    found: FoundTables,
    catalog: Catalog,
    times: Mapping[str, TimeForms],
    *,
    uuid_ids: bool,
) -> Layout:
    """Returns the layout of tables that a Node server made."""
    tables = {}
    for name, each in found.items():
        laid = _make_table_layout(each, catalog, times.get(name, TimeForms({})).forms)
        if laid != TableLayout(name):
            tables[name] = laid
    ids = (each.table.columns.get(each.columns.get("id", "")) for each in found.values())
    has_uuids = any(column is not None and column.type == "uuid" for column in ids)
    return Layout(tables, uuid_ids=uuid_ids or has_uuids)


def find_named_table(
    catalog: Catalog, name: str, like: TableLayout | None, options: NameOptions
) -> CatalogTable | None:
    """Returns the table with this name of Better Auth, also in snake_case, plural or capital.

    It is in the schema of `like`, else in that of new tables.
    """
    schema = like.schema if like is not None and like.schema is not None else catalog.schema
    if name in options.tables:
        return catalog.find_in(schema, options.tables[name])
    spellings = {fold_name(name), fold_name(name) + "s"}
    alike = [t for t in catalog.tables if t.schema == schema and fold_name(t.name) in spellings]
    exact = [table for table in alike if table.name == name]
    return next(iter(exact or alike), None)


def make_table_layout(
    declared: Table,
    found: CatalogTable,
    catalog: Catalog,
    fields: Mapping[str, str] | None = None,
    user: TableLayout | None = None,
) -> TableLayout:
    """Returns the layout of a table of a plugin, or of the rate limiter.

    Where SQLite stores its times as integers, they have the form that those of `user` have.
    """
    names = [column.name for column in declared.columns]
    matched = FoundTable(found, match_columns(found, names, fields))
    form = None if user is None else user.describe_column("createdAt").form
    times = {
        column.key: form
        for column in declared.columns
        if get_kind(column.type) == "date"
        and (physical := matched.columns.get(column.key)) is not None
        and "int" in found.columns[physical].type
    }
    return _make_table_layout(matched, catalog, times)


def extend_layout(
    layout: Layout, catalog: Catalog, columns: Mapping[str, Iterable[str]], options: NameOptions
) -> Layout:
    """Returns the layout with more columns of its tables, under the names that they have here.

    They are those of additional fields and the marks of plugins. One that is missing is left out.
    """
    tables = dict(layout.tables)
    for name, names in columns.items():
        known = tables.get(name, TableLayout(name))
        found = find_laid_out(known, catalog)
        if found is None:
            continue
        matched = match_columns(found, names, options.fields.get(name))
        more = {
            key: ColumnLayout(column, _find_value_form(known, found.columns[column], catalog))
            for key, column in matched.items()
        }
        more = {key: column for key, column in more.items() if column != ColumnLayout(key)}
        if more:
            tables[name] = TableLayout(known.name, known.schema, {**more, **known.columns})
    return Layout(tables, uuid_ids=layout.uuid_ids)


def find_laid_out(table: TableLayout, catalog: Catalog) -> CatalogTable | None:
    """Returns the table of the catalog, None if it is not there."""
    if table.schema is None:
        return catalog.find(table.name)
    return catalog.find_in(table.schema, table.name)


def find_differences(layout: Layout, catalog: Catalog, tables: Sequence[str]) -> list[str]:
    """Returns a line for each table and column that is not as it was when it was recorded."""
    lines = []
    for name in tables:
        known = layout.describe_table(name)
        found = find_laid_out(known, catalog)
        if found is None:
            lines.append(f'the table "{known.name}" is gone')
            continue
        physical = {key: known.columns.get(key, ColumnLayout(key)) for key in COLUMNS[name]}
        lines += [
            f'the column "{each.name}" of "{known.name}" is gone'
            for each in physical.values()
            if not has_column(found, each.name, catalog.dialect)
        ]
        lines += [
            f'the column "{each.name}" of "{known.name}" is {found.columns[each.name].type} now'
            for key, each in physical.items()
            if each.name in found.columns
            and catalog.dialect == "postgresql"
            and _find_form(found.columns[each.name]) != each.form
        ]
    return lines


def find_changed_names(layout: Layout, options: NameOptions) -> list[str]:
    """Returns a line for each name that settings say and that was not recorded."""
    lines = []
    for table in ("user", "session", "account"):
        known, variable = layout.describe_table(table), format_table_variable(table)
        chosen = options.tables.get(table, known.name)
        if chosen.lower() != known.name.lower():
            lines.append(f'{variable}_MODEL_NAME says "{chosen}", not "{known.name}"')
        for key, column in options.fields.get(table, {}).items():
            recorded = known.describe_column(key).name
            if key in COLUMNS[table] and column.lower() != recorded.lower():
                lines.append(f'{variable}_FIELDS says "{column}", not "{recorded}"')
    return lines


def has_column(table: CatalogTable, name: str, dialect: str) -> bool:
    """Whether a statement can name this column. SQLite ignores case."""
    if dialect == "postgresql":
        return name in table.columns
    return any(column.lower() == name.lower() for column in table.columns)


async def read_time_forms(read: Read, found: FoundTables) -> dict[str, TimeForms]:
    """Returns how the tables of a SQLite database store times. Reads their newest rows.

    Values decide; where there are none, the default of the column, and then the other columns.
    """
    counts = {name: await _count_forms(read, name, each) for name, each in found.items()}
    everywhere = [form for forms in counts.values() for form in forms.values() if form]
    usual: Form | None = Counter(everywhere).most_common(1)[0][0] if everywhere else None
    result = {}
    for name, each in found.items():
        forms: dict[str, Form | None] = {}
        unclear = []
        for key, counted in counts[name].items():
            declared = each.table.columns[each.columns[key]].type
            form = counted or ("iso" if declared in _TEXTS else usual)
            if form is None or (form == "iso" and counted is None and "int" in declared):
                unclear.append(key)
            forms[key] = None if form == "iso" else form
        result[name] = TimeForms(forms, tuple(unclear))
    return result


async def _count_forms(read: Read, name: str, found: FoundTable) -> dict[str, Form | None]:
    """Returns the form of each column's values, or of its default; None if neither tells."""
    columns = {key: found.columns[key] for key in list_time_columns(name) if key in found.columns}
    counts_sql = [
        f"total(typeof({c}) = 'text'),"
        f" total(typeof({c}) IN ('integer', 'real') AND abs({c}) >= {MILLISECONDS_FROM}),"
        f" total(typeof({c}) IN ('integer', 'real') AND abs({c}) < {MILLISECONDS_FROM})"
        for c in map(quote_name, columns.values())
    ]
    newest = "ORDER BY rowid DESC" if await _has_rowid(read, found.table.name) else ""
    table = f"(SELECT * FROM {quote_name(found.table.name)} {newest} LIMIT {_SAMPLE})"  # noqa: S608  # names of the catalog
    rows = await read(make_statement(f"SELECT {', '.join(counts_sql)} FROM {table}"))  # noqa: S608  # the same
    totals = list(rows[0])
    forms: dict[str, Form | None] = {}
    order: tuple[Form, ...] = ("iso", "milliseconds", "seconds")
    for at, (key, column) in enumerate(columns.items()):
        three = totals[3 * at : 3 * at + 3]
        most, form = max(zip(three, order, strict=True))
        forms[key] = form if most else _guess_form(found.table.columns[column])
    return forms


async def _has_rowid(read: Read, table: str) -> bool:
    declared = text("SELECT lower(sql) FROM sqlite_master WHERE name = :name").bindparams(
        name=table
    )
    ((sql,),) = await read(declared)
    return "rowid" not in str(sql)


def _guess_form(column: CatalogColumn) -> Form | None:
    """Returns the form of the times that a default writes."""
    default = column.default.lower()
    if "unixepoch" in default or "strftime" in default:
        return "milliseconds" if "1000" in default else "seconds"
    return None


def _make_table_layout(
    found: FoundTable, catalog: Catalog, times: Mapping[str, Form | None]
) -> TableLayout:
    columns = {}
    for key, column in found.columns.items():
        form = times.get(key)
        if catalog.dialect == "postgresql":
            form = _find_form(found.table.columns[column])
        if form is not None or column != key:
            columns[key] = ColumnLayout(column, form)
    elsewhere = found.table.schema != catalog.schema
    return TableLayout(found.table.name, found.table.schema if elsewhere else None, columns)


def _find_value_form(table: TableLayout, column: CatalogColumn, catalog: Catalog) -> Form | None:
    """Returns the form of a column of an additional field, which may store times or ids.

    SQLite's integers are times of the form that the table has; only a field of dates uses it.
    """
    if catalog.dialect == "postgresql":
        return _find_form(column)
    return table.describe_column("createdAt").form if "int" in column.type else None


def _find_form(column: CatalogColumn) -> Form | None:
    """Returns the form of a PostgreSQL column that is not as Better Auth's migration makes it."""
    if column.type == "uuid":
        return "uuid"
    if column.type.startswith("timestamp") and column.type.endswith("without time zone"):
        return "timestamp"
    return None
