"""Users are imported and exported in a database that Drizzle or Prisma made."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.auth.restrictions import Restrictions
from app.commands.people import exporting
from app.commands.people.exporting import Export
from app.models.additional_fields import AdditionalFields
from app.models.mappers import make_mappers
from app.models.tables import Tables, make_tables
from app.storage.database import Database
from tests.commands.people.file import HASHES, MOMENT, import_from, jsonl, person
from tests.support.other_layouts import OtherLayout, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_url(other_url: str) -> str:
    return other_url


@pytest.fixture
async def database(other: OtherLayout, database_url: str) -> AsyncIterator[Database]:
    async with opened(other, database_url) as made:
        yield made


@pytest.fixture
def tables(other: OtherLayout) -> Tables:
    return make_tables(other.layout)


async def test_exported_user_is_the_imported_one(
    database: Database,
    other: OtherLayout,
    tables: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    time = MOMENT if other.time != "seconds" else f"{MOMENT[:20]}000Z"
    people = [
        person(f"{kind}@example.com", id=str(uuid4()), passwordHash=hashed, createdAt=time)
        for kind, hashed in HASHES.items()
    ]
    for counts in ((len(people), 0, 0), (0, len(people), 0)):
        done = await import_from(database, jsonl(*people), tmp_path, tables=tables)
        assert done.counts == counts
    mapper = make_mappers(AdditionalFields(), database.dialect, tables).user
    async with database.begin() as tx:
        await tx.exec_driver_sql(f"UPDATE {tables.users.fullname} SET banned = true")
    user_layout = tables.layout.describe_table("user")
    marks = Restrictions(frozenset({"banned"}), mapper.table, user_layout)
    export = Export(database, mapper, marks, tables)
    assert await export.count() == len(people)
    pages = [page async for page in export.read_pages()]
    found = {str(user["id"]): user for page in pages for user in page}
    assert len(pages) == len(people) // 2
    for each in people:
        assert found[str(each["id"])] == {
            **each,
            "emailVerified": False,
            "image": None,
            "updatedAt": time,
            "banned": True,
        }


async def test_id_that_the_database_cannot_hold_is_refused(
    database: Database, other: OtherLayout, tables: Tables, tmp_path: Path
) -> None:
    done = await import_from(database, jsonl(person(id="u1")), tmp_path, tables=tables)
    assert done.counts == ((0, 0, 1) if other.id == "uuid" else (1, 0, 0))
    reasons = [line["reason"] for line in done.report]
    assert all("must be a UUID" in str(reason) for reason in reasons)
