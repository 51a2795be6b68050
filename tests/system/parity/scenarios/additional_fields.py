"""Fields of users and sessions that a deployment adds."""

from datetime import timedelta

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

OPTIONS = {
    "user.additionalFields": {
        "role": {
            "type": "string",
            "required": False,
            "defaultValue": "user",
            "input": False,
        },
        "lang": {"type": "string", "required": False, "defaultValue": "en"},
        "age": {"type": "number", "required": False},
        "score": {"type": "number", "required": False, "bigint": True},
        "tags": {"type": "string[]", "required": False},
        "counts": {"type": "number[]", "required": False},
        "note": {"type": "string", "required": False, "returned": False},
        "admin": {"type": "boolean", "required": False, "input": False},
        "newsletter": {"type": "boolean", "required": False, "defaultValue": True},
        "since": {"type": "date", "required": False},
        "prefs": {"type": "json", "required": False},
        "plan": {"type": ["free", "pro"], "required": False},
        "nick": {"type": "string", "required": False, "unique": True, "fieldName": "nick_name"},
    },
    "session.additionalFields": {
        "theme": {"type": "string", "required": False, "defaultValue": "light"},
        "hidden": {"type": "string", "required": False, "returned": False},
        "locked": {"type": "string", "required": False, "input": False},
        "width": {"type": "number", "required": False},
    },
}
DEMANDED = {"user.additionalFields": {"age": {"type": "number", "required": True}}}
QUIET = {**OPTIONS, "emailAndPassword.autoSignIn": False}


@scenario(OPTIONS, postgres=True)
async def given_at_sign_up(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up(
        "given@example.com",
        lang="fr",
        age=3,
        score=5,
        tags=["a", "b"],
        counts=[1, 2.5],
        note="secret",
        newsletter=False,
        since="2026-01-01T00:00:00Z",
        prefs={"a": [1, {"b": None}], "é": "日本"},
        plan="pro",
        nick="given",
        unknown=1,
    )
    await ada.get("/get-session")
    await ada.get("/list-sessions")
    await s.browser().sign_in("given@example.com")


@scenario(OPTIONS, postgres=True)
async def left_out_at_sign_up(s: Side) -> None:
    ada = await s.signed_up("left-out@example.com")
    await ada.get("/get-session")


@scenario(OPTIONS, postgres=True)
async def null_at_sign_up(s: Side) -> None:
    await s.browser().sign_up(
        "null@example.com", lang=None, age=None, tags=None, newsletter=None, since=None, prefs=None
    )


@scenario(OPTIONS)
async def forbidden_at_sign_up(s: Side) -> None:
    values: list[object] = [True, "x", 1, [], {}, False, "", 0, None]
    for number, value in enumerate(values):
        await s.browser().sign_up(f"forbidden{number}@example.com", admin=value, role="admin")


@scenario(OPTIONS)
async def of_other_types_on_sqlite(s: Side) -> None:
    rows: list[dict[str, object]] = [
        {"lang": 5, "age": "abc", "newsletter": "yes"},
        {"lang": 5.5, "age": "7", "newsletter": 1},
        {"lang": True, "age": True, "newsletter": 0},
        {"tags": "q", "counts": ["a"], "prefs": "p", "plan": "odd"},
        {"tags": {"a": 1}, "prefs": [1, 2], "counts": 5},
        {"since": "2026-02-03"},
        {"age": 2.5, "score": 12345678901},
    ]
    for number, row in enumerate(rows):
        await s.browser().sign_up(f"types{number}@example.com", **row)


@scenario(OPTIONS)
async def that_cannot_be_kept(s: Side) -> None:
    rows: list[dict[str, object]] = [{"age": {"a": 1}}, {"lang": [1]}, {"since": "soon"}]
    for number, row in enumerate(rows):
        await s.browser().sign_up(f"kept{number}@example.com", **row)


@scenario(OPTIONS, postgres=True)
async def unique(s: Side) -> None:
    await s.browser().sign_up("unique@example.com", nick="only")
    await s.browser().sign_up("unique2@example.com", nick="only")


@scenario(OPTIONS)
async def in_a_form(s: Side) -> None:
    form = b"name=Ada&email=form%40example.com&password=correct+horse&age=7&newsletter=x&lang=fr"
    type_ = ("content-type", "application/x-www-form-urlencoded")
    await s.client().post("/sign-up/email", form, type_)


@scenario(DEMANDED, fresh=True)
async def demanded(s: Side) -> None:
    for extra in ({}, {"age": None}, {"age": 3}, {"age": "4"}):
        await s.browser().sign_up(f"demanded{len(str(extra))}@example.com", **extra)


@scenario(QUIET, postgres=True)
async def of_an_address_that_is_taken(s: Side) -> None:
    await s.browser().sign_up("taken@example.com", lang="fr", age=3)
    await s.browser().sign_up("taken@example.com", lang="de", tags=["a"], prefs={"a": 1})
    await s.browser().sign_up("taken@example.com", password="short", admin=True)
    await s.browser().sign_up("taken@example.com", admin=True)


@scenario(OPTIONS, postgres=True)
async def changed_by_the_user(s: Side) -> None:
    ada = await s.signed_up("user-change@example.com")
    bodies: list[object] = [
        {"lang": "fr", "age": 10, "note": "n", "newsletter": False, "plan": "free"},
        {"tags": ["x"], "counts": [1.5], "prefs": {"b": []}, "since": "2026-05-06T07:08:09.123Z"},
        {"lang": None, "age": None, "tags": None, "prefs": None, "since": None},
        {"role": "admin"},
        {"role": ""},
        {"admin": True},
        {"admin": False, "lang": "it"},
    ]
    for body in bodies:
        await ada.post("/update-user", body)
        await ada.get("/get-session")


@scenario(OPTIONS, postgres=True)
async def changed_in_the_session(s: Side) -> None:
    ada = await s.signed_up("session-change@example.com")
    bodies: list[object] = [
        {"theme": "dark", "width": 3},
        {"hidden": "h"},
        {"locked": "x"},
        {"locked": ""},
        {"theme": None},
        {"userId": "x", "token": "y"},
        {},
    ]
    for body in bodies:
        await ada.post("/update-session", body)
    await ada.get("/get-session")
    await ada.get("/list-sessions")


@scenario(OPTIONS)
async def of_other_types_in_the_session(s: Side) -> None:
    ada = await s.signed_up("session-types@example.com")
    for body in ({"theme": 5, "width": "wide"}, {"width": True}):
        await ada.post("/update-session", body)


@scenario(OPTIONS)
async def wrong_types_of_the_user(s: Side) -> None:
    ada = await s.signed_up("user-types@example.com")
    for body in ({"lang": 5}, {"newsletter": "yes"}, {"tags": ["a", 1]}, {"plan": "odd"}):
        await ada.post("/update-user", body)


@scenario(OPTIONS)
async def updates_that_cannot_be_kept(s: Side) -> None:
    ada = await s.signed_up("update-kept@example.com")
    await s.browser().sign_up("nick@example.com", nick="nick")
    await ada.post("/update-user", {"nick": "nick"})
    await ada.post("/update-session", {"width": {"a": 1}})


@scenario(OPTIONS)
async def of_a_session_that_is_renewed(s: Side) -> None:
    ada = await s.signed_up("renewed@example.com")
    await ada.post("/update-session", {"theme": "dark", "hidden": "h"})
    await s.age("session", "renewed@example.com", expiresAt=timedelta(days=2))
    await ada.get("/get-session")
    await ada.get("/list-sessions")
