from datetime import UTC, datetime

import pytest

from app.auth.people.fields import Fields
from app.auth.people.rows import RawRow, RowError
from app.auth.people.rules import ImportedUser, RowRules
from app.models.additional_fields import AdditionalField, read_fields
from tests.auth.passwords.test_hashes import ARGON2ID, BCRYPT
from tests.commands.people.file import MOMENT, person
from tests.support.additional import USER_FIELDS
from tests.support.tables import TABLES

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def judged(fields: dict[str, object], additional: tuple[AdditionalField, ...] = ()) -> ImportedUser:
    return RowRules(Fields(additional), TABLES).read_user(RawRow(7, fields), NOW)  # type: ignore[arg-type]  # any JSON


def test_everything_given_is_kept_and_the_address_is_lowered() -> None:
    given = {
        "id": "user_01",
        "email": "Ada@Example.COM",
        "name": " Ada ",
        "emailVerified": True,
        "image": "https://example.com/a.png",
        "createdAt": "2020-01-02 03:04:05.678901+02",
        "updatedAt": MOMENT,
        "passwordHash": BCRYPT,
    }
    found = judged(given)
    assert found.row == {
        "id": "user_01",
        "email": "ada@example.com",
        "name": " Ada ",
        "emailVerified": True,
        "image": "https://example.com/a.png",
        "createdAt": "2020-01-02T01:04:05.678Z",
        "updatedAt": MOMENT,
    }
    assert (found.line, found.id, found.keeps_id, found.hashed) == (7, "user_01", True, BCRYPT)


def test_what_is_not_given_is_made() -> None:
    found = judged(person())
    assert len(found.id) == 32
    assert not found.keeps_id
    assert found.hashed is None
    assert found.row == {
        "id": found.id,
        "email": "ada@example.com",
        "name": "Ada",
        "emailVerified": False,
        "image": None,
        "createdAt": "2026-11-21T00:00:00.000Z",
        "updatedAt": "2026-11-21T00:00:00.000Z",
    }


def test_null_is_as_if_it_were_not_given() -> None:
    nothing: dict[str, object] = dict.fromkeys(
        ("id", "emailVerified", "image", "createdAt", "updatedAt")
    )
    marks = {"passwordHash": None, "banned": None, "twoFactorEnabled": False}
    found = judged(person() | nothing | marks)
    assert {**found.row, "id": ""} == {**judged(person()).row, "id": ""}


def test_updated_at_is_created_at_where_only_that_is_given() -> None:
    assert judged(person(createdAt=MOMENT)).row["updatedAt"] == MOMENT


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (17, "17"),
        ("5f0c0f9e-5d5e-4d8e-9f5e-1a2b3c4d5e6f", "5f0c0f9e-5d5e-4d8e-9f5e-1a2b3c4d5e6f"),
        ("auth0|5f7c8ec7c33c6c004bbafe82", "auth0|5f7c8ec7c33c6c004bbafe82"),
        ("a" * 128, "a" * 128),
    ],
)
def test_id_of_another_system_is_kept(given: object, kept: str) -> None:
    assert judged(person(id=given)).id == kept


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"name": "x"}, "email", "is missing"),
        (person("ada"), "email", "is not an email address"),
        (person(" ada@example.com"), "email", "is not an email address"),
        (person(email=1), "email", "is not an email address"),  # type: ignore[arg-type]
        ({"email": "a@b.co"}, "name", "is missing"),
        (person(name=5), "name", "must be text"),
        (person(image=5), "image", "must be text"),
        (person(emailVerified="true"), "emailVerified", "must be true or false"),
        (person(createdAt="yesterday"), "createdAt", "must be an ISO 8601 timestamp"),
        (person(createdAt=20200102), "createdAt", "must be an ISO 8601 timestamp"),
        (
            person(updatedAt="0001-01-01T00:00:00+14:00"),
            "updatedAt",
            "must be an ISO 8601 timestamp",
        ),
        (person(id=""), "id", "must be 1 to 128"),
        (person(id="a" * 129), "id", "must be 1 to 128"),
        (person(id="a/b"), "id", "must be 1 to 128"),
        (person(id=".."), "id", "must be 1 to 128"),
        (person(id="é"), "id", "must be 1 to 128"),
        (person(id="a\n"), "id", "must be 1 to 128"),
        (person(id=True), "id", "must be 1 to 128"),
        (person(id=-1), "id", "must be 1 to 128"),
        (person(passwordHash="secret"), "passwordHash", "is not a hash"),
        (person(passwordHash=""), "passwordHash", "is not a hash"),
        (person(passwordHash=["x"]), "passwordHash", "must be text"),
        (person(passwordHash=ARGON2ID.replace("m=19456", "m=9999999")), "passwordHash", "wants"),
        (person(password=BCRYPT), "password", "is passwordHash meant?"),
        (person(phone="1"), "phone", "is unknown"),
        (person(banned=True), "banned", "is set"),
        (person(twoFactorEnabled=True), "twoFactorEnabled", "is set"),
        (person(twoFactorEnabled=1), "twoFactorEnabled", "must be true or false"),
    ],
)
def test_bad_row_is_refused_by_field(fields: dict[str, object], field: str, reason: str) -> None:
    with pytest.raises(RowError) as told:
        judged(fields)
    assert told.value.field == field
    assert reason in told.value.reason


def test_reason_never_shows_the_hash() -> None:
    with pytest.raises(RowError) as told:
        judged(person(passwordHash="$9z$hunter2"))
    assert "hunter2" not in str(told.value.to_refused_row(1))


# Additional fields


def test_additional_fields_have_their_defaults_and_columns() -> None:
    row = judged(person(nick="ada", role="admin", note="n", lang=None), USER_FIELDS).row
    assert row["nick_name"] == "ada"
    assert row["role"] == "admin"  # though people may not set it
    assert row["note"] == "n"  # though nobody is shown it
    assert row["lang"] is None
    assert row["newsletter"] is True
    assert row["age"] is None


@pytest.mark.parametrize("value", [9007199254740993, "9007199254740993"])
def test_big_number_is_kept_to_the_last_digit(value: object) -> None:
    assert judged(person(score=value), USER_FIELDS).row["score"] == "9007199254740993"


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"age": "5"}, "age", "Invalid input: expected number, received string"),
        ({"tags": "x"}, "tags", "Invalid input: expected array, received string"),
        ({"tags": ["x", 1]}, "tags", "Invalid input: expected string, received number"),
        ({"plan": "gold"}, "plan", 'Invalid option: expected one of "free"|"pro"'),
        ({"since": "today"}, "since", "expected date"),
        ({"score": "many"}, "score", "expected number"),
    ],
)
def test_additional_value_of_another_type_is_refused(
    fields: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(RowError) as told:
        judged(person() | fields, USER_FIELDS)
    assert told.value.field == field
    assert reason in told.value.reason
    assert "body" not in told.value.reason


def test_additional_value_that_the_column_must_have_is_missed() -> None:
    needed = read_fields(
        '{"role": {"type": "string"}, "lang": {"type": "string", "defaultValue": "en"}}'
    )
    assert judged(person(role="x", lang=None), needed).row["lang"] == "en"
    with pytest.raises(RowError) as told:
        judged(person(), needed)
    assert (told.value.field, told.value.reason) == ("role", "is missing")
