"""Imports into both engines: what is written, what is not, and what a second run finds."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app.auth.people import importing
from app.auth.people.writer import Writer
from app.schema.migrate import migrate
from app.server.plugins import derive_requirements
from app.settings.options import UserOptions
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from tests.auth.passwords.test_hashes import BCRYPT
from tests.commands.people.file import MOMENT, import_from, jsonl, person
from tests.support.additional import USER_FIELDS
from tests.support.rows import add_user, id_of
from tests.support.service import SECRET
from tests.support.tables import accounts, users

pytestmark = pytest.mark.anyio


async def test_person_has_the_rows_that_sign_up_makes(database: Database, tmp_path: Path) -> None:
    given = person("Ada@example.com", id="u1", createdAt=MOMENT, passwordHash=BCRYPT)
    done = await import_from(database, jsonl(given), tmp_path)
    assert done.counts == (1, 0, 0)
    (user,) = await database.read_all(users.select())
    assert user == ("u1", "Ada", "ada@example.com", False, None, MOMENT, MOMENT)
    (account,) = await database.read_all(accounts.select())
    assert (account.accountId, account.userId, account.providerId) == ("u1", "u1", "credential")
    assert account.password == BCRYPT


async def test_person_without_a_password_has_no_account(database: Database, tmp_path: Path) -> None:
    done = await import_from(database, jsonl(person()), tmp_path)
    assert done.stats.without_password == 1
    assert await database.read_all(accounts.select()) == []


async def test_bad_rows_are_reported_by_line_and_the_others_are_in(
    database: Database, tmp_path: Path
) -> None:
    content = jsonl(person("a@b.co"), person("no"), [], person("c@d.co", passwordHash="x"))
    done = await import_from(database, content, tmp_path)
    assert done.counts == (1, 0, 3)
    assert [(row["line"], row["field"]) for row in done.report] == [
        (2, "email"),
        (3, None),
        (4, "passwordHash"),
    ]
    assert all(row["reason"] for row in done.report)
    assert len(await database.read_all(users.select())) == 1
    assert (tmp_path / "refused.jsonl").stat().st_mode & 0o777 == 0o600


async def test_second_of_two_rows_with_one_address_or_id_is_refused(
    database: Database, tmp_path: Path
) -> None:
    content = jsonl(
        person("a@b.co", id="u1"), person("A@B.co"), person("c@d.co", id="u1"), person("c@d.co")
    )
    done = await import_from(database, content, tmp_path)
    assert done.counts == (2, 0, 2)
    assert [(row["line"], row["field"], row["reason"]) for row in done.report] == [
        (2, "email", "is the same as in line 1"),
        (3, "id", "is the same as in line 1"),
    ]


async def test_run_again_nobody_is_twice(database: Database, tmp_path: Path) -> None:
    content = jsonl(person("a@b.co", passwordHash=BCRYPT), person("c@d.co", id="u2"))
    await import_from(database, content, tmp_path)
    before = await database.read_all(users.select())
    again = await import_from(database, content + jsonl(person("e@f.co")), tmp_path)
    assert again.counts == (1, 2, 0)
    assert set(before) < set(await database.read_all(users.select()))
    assert len(await database.read_all(accounts.select())) == 1


async def test_who_is_there_already_stays_as_they_are(database: Database, tmp_path: Path) -> None:
    await add_user(database, "ada", emailVerified=True)
    done = await import_from(database, jsonl(person(passwordHash=BCRYPT)), tmp_path)
    assert done.counts == (0, 1, 0)
    assert await database.read_all(accounts.select()) == []


async def test_another_person_s_address_or_id_is_refused(
    database: Database, tmp_path: Path
) -> None:
    await add_user(database, "ada")
    content = jsonl(person(id="u1"), person("new@example.com", id="ada"))
    done = await import_from(database, content, tmp_path)
    assert done.counts == (0, 0, 2)
    assert [(row["field"], row["reason"]) for row in done.report] == [
        ("email", "belongs to the user ada"),
        ("id", "belongs to a user with another address"),
    ]


async def test_killed_between_two_batches_and_run_again_everybody_is_in_once(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    content = jsonl(*(person(f"u{n}@b.co", passwordHash=BCRYPT) for n in range(10)))
    write, written = Writer.write, 0

    async def fail_third(*arguments: object) -> object:
        nonlocal written
        written += 1
        if written == 3:
            raise KeyboardInterrupt
        return await write(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as killed:
        killed.setattr(Writer, "write", fail_third)
        with pytest.raises(KeyboardInterrupt):
            await import_from(database, content, tmp_path)
    assert len(await database.read_all(users.select())) == 6
    assert (await import_from(database, content, tmp_path)).counts == (4, 6, 0)
    assert len(await database.read_all(accounts.select())) == 10


async def test_nobody_is_there_without_their_password_when_a_batch_fails(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.auth.people.writer.make_password_row", fail)
    with pytest.raises(KeyboardInterrupt):
        await import_from(database, jsonl(person(passwordHash=BCRYPT)), tmp_path)
    assert await database.read_all(users.select()) == []


async def test_dry_run_says_the_same_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    await add_user(database, "ada")
    content = jsonl(person(), person("new@example.com"), person("no"), person("NEW@example.com"))
    done = await import_from(database, content, tmp_path, dry_run=True)
    assert done.counts == (1, 1, 2)
    assert len(await database.read_all(users.select())) == 1


async def test_who_signs_up_between_the_look_and_the_write_is_found_present(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if another connection had written: the first look is blind."""
    look, looks = Writer._select_new, 0

    async def blind(writer: Writer, tx: object, people: object, written: object) -> object:
        nonlocal looks
        looks += 1
        return people if looks == 1 else await look(writer, tx, people, written)  # type: ignore[arg-type]

    await add_user(database, "ada")
    monkeypatch.setattr(Writer, "_select_new", blind)
    content = jsonl(person("a@b.co"), person(), person("c@d.co"))
    done = await import_from(database, content, tmp_path)
    assert done.counts == (2, 1, 0)
    assert await id_of(database, "c@d.co")


async def test_what_only_the_database_refuses_costs_nobody_else(
    empty_database_url: str, tmp_path: Path
) -> None:
    settings = Settings(secret=SECRET, user=UserOptions(additional_fields=USER_FIELDS))
    await migrate(empty_database_url, derive_requirements(settings))
    database = await open_database(empty_database_url)
    people = [person(f"u{n}@b.co", nick=f"n{n}", passwordHash=BCRYPT) for n in range(20)]
    people[13]["nick"] = "n4"
    try:
        done = await import_from(database, jsonl(*people), tmp_path, settings=settings)
        assert done.counts == (19, 0, 1)
        (refused,) = done.report
        assert (refused["line"], refused["field"]) == (14, None)
        assert str(refused["reason"]).startswith("is refused by the database: ")
        assert BCRYPT not in str(refused)
        assert len(await database.read_all(accounts.select())) == 19
    finally:
        await database.close()


async def test_character_that_postgres_can_not_keep_is_that_row_s_fault(
    postgres_database: Database, tmp_path: Path
) -> None:
    content = jsonl(person("a@b.co", name="\0"), person("c@d.co"))
    done = await import_from(postgres_database, content, tmp_path)
    assert done.counts == (1, 0, 1)
    assert done.report[0]["line"] == 1


async def test_csv_is_imported_alike(database: Database, tmp_path: Path) -> None:
    content = f"email,name,passwordHash,emailVerified\r\na@b.co,Ada,{BCRYPT},t\r\n".encode()
    done = await import_from(database, content, tmp_path, csv=True)
    assert done.counts == (1, 0, 0)
    (user,) = await database.read_all(users.select())
    assert (user.email, user.emailVerified) == ("a@b.co", True)


async def test_fault_of_the_database_is_no_fault_of_a_row(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*arguments: object) -> None:
        raise OperationalError("INSERT", {}, Exception("deadlock"))

    monkeypatch.setattr(Writer, "_insert_all", fail)
    with pytest.raises(OperationalError):
        await import_from(database, jsonl(person("a@b.co"), person("c@d.co")), tmp_path)
    assert await database.read_all(users.select()) == []
