import pytest

from app.models.additional_fields import Kind
from app.models.column_types import TYPE_NAMES
from app.schema.usable_types import is_usable


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("string", "text"),
        ("string", "character varying(255)"),
        ("date", "timestamp with time zone"),
        ("date", "timestamp without time zone"),
        ("date", "timestamp(3) with time zone"),
        ("boolean", "boolean"),
        ("number", "bigint"),
        ("list", "jsonb"),
    ],
)
def test_postgres_type_can_be_used(kind: Kind, declared: str) -> None:
    assert is_usable(kind, declared, "postgresql")


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("string", "uuid"),
        ("date", "text"),
        ("boolean", "integer"),
        ("bigint", "integer"),
        ("list", "json"),
    ],
)
def test_postgres_type_cannot_be_used(kind: Kind, declared: str) -> None:
    assert not is_usable(kind, declared, "postgresql")


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("string", "varchar(255)"),
        ("date", "datetime"),
        ("date", "integer"),
        ("boolean", "bool"),
        ("number", "int"),
        ("list", "json"),
    ],
)
def test_sqlite_type_can_be_used(kind: Kind, declared: str) -> None:
    assert is_usable(kind, declared, "sqlite")


@pytest.mark.parametrize(
    ("kind", "declared"), [("string", "integer"), ("date", "blob"), ("boolean", "text")]
)
def test_sqlite_type_cannot_be_used(kind: Kind, declared: str) -> None:
    assert not is_usable(kind, declared, "sqlite")


@pytest.mark.parametrize("kind", TYPE_NAMES["sqlite"])
def test_sqlite_can_use_the_types_that_it_makes(kind: Kind) -> None:
    assert is_usable(kind, TYPE_NAMES["sqlite"][kind], "sqlite")


def test_ids_may_be_uuids() -> None:
    assert is_usable("string", "uuid", "postgresql", is_id=True)
