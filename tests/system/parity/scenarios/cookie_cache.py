"""`session.cookieCache`: what it answers, what is written, and what a revoked session can do."""

from datetime import timedelta

from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Caller, Side

DATA = "better-auth.session_data"
TOKEN = "better-auth.session_token"
ON = {"session.cookieCache.enabled": True}
NEW = "another horse battery"


@scenario(ON)
async def compact(s: Side) -> None:
    await read_and_written(s, "compact@example.com")


@scenario({**ON, "session.cookieCache.strategy": "jwt"})
async def jwt(s: Side) -> None:
    await read_and_written(s, "jwt@example.com")


@scenario({**ON, "session.cookieCache.strategy": "jwe"})
async def jwe(s: Side) -> None:
    await read_and_written(s, "jwe@example.com")


VERSIONS = [
    {"version": 2, "value": "new-secret-of-these-tests-8fQ1zWc5nB0yT"},
    {"version": 1, "value": "old-secret-of-these-tests-k3J9vQ2mX7pL4"},
]


@scenario({**ON, "secrets": VERSIONS})
async def versioned_secrets(s: Side) -> None:
    ada = await s.signed_up("versions@example.com")
    await ada.get("/get-session")


@scenario({**ON, "secrets": VERSIONS, "session.cookieCache.strategy": "jwe"})
async def versioned_secrets_jwe(s: Side) -> None:
    ada = await s.signed_up("versions@example.com")
    await ada.get("/get-session")


@scenario({**ON, "secondaryStorage": True}, fresh=True)
async def before_redis(s: Side) -> None:
    await read_and_written(s, "redis@example.com")


@scenario({**ON, "session.cookieCache.maxAge": 77, "session.cookieCache.version": "7"})
async def age_and_version(s: Side) -> None:
    ada = await s.signed_up("version@example.com")
    await ada.get("/get-session")
    await ada.get("/get-session?disableCookieCache=1")
    await ada.sign_in("version@example.com", rememberMe=False)


async def read_and_written(s: Side, email: str) -> None:
    ada = await s.signed_up(email)
    await ada.get("/get-session")
    for value in ("true", "false", ""):
        await ada.get(f"/get-session?disableCookieCache={value}")
    await ada.get("/list-sessions")
    await ada.get("/list-accounts")
    await ada.get("/list-accounts?disableCookieCache=1")
    for path in ("/get-session", "/list-accounts", "/get-session?disableRefresh=1"):
        drop(ada, DATA)
        await ada.get(path)
    await ada.post("/update-user", {"name": "Ada Lovelace"})
    await ada.get("/get-session")
    await ada.post("/sign-out", {})
    await ada.get("/get-session")


@scenario(ON)
async def not_believed(s: Side) -> None:
    ada = await s.signed_up("believed@example.com")
    eve = await s.signed_up("believed-eve@example.com")
    good = cookie(ada, DATA)
    for value in ("zz", "e30", good[:-4] + "AAAA", cookie(eve, DATA)):
        put(ada, DATA, value)
        await ada.get("/get-session")
        put(ada, DATA, value)
        await ada.get("/get-session?disableRefresh=1")
    put(ada, DATA, "zz")
    await ada.post("/revoke-session", {"token": "x"})


@scenario(ON)
async def no_base64(s: Side) -> None:
    ada = await s.signed_up("base64@example.com")
    put(ada, DATA, "a.b")
    await ada.get("/get-session")
    put(ada, DATA, "a.b")
    await ada.get("/list-accounts")


@scenario(ON)
async def without_token(s: Side) -> None:
    ada = await s.signed_up("alone@example.com")
    drop(ada, TOKEN)
    await ada.get("/get-session")
    await ada.get("/list-sessions")
    await ada.post("/sign-out", {})


@scenario(ON)
async def forgetful(s: Side) -> None:
    await s.signed_up("forgetful@example.com")
    ada = s.browser()
    await ada.sign_in("forgetful@example.com", rememberMe=False)
    await ada.get("/get-session")
    drop(ada, DATA)
    await ada.get("/get-session")
    await ada.post("/update-user", {"name": "Ada Lovelace"})
    await ada.get("/get-session")


@scenario(ON)
async def revoked(s: Side) -> None:
    ada = await s.signed_up("revoked@example.com")
    await s.sql(
        'DELETE FROM session WHERE "userId" IN (SELECT id FROM "user" WHERE email = ?)',
        "revoked@example.com",
    )
    jar = dict(ada.cookies or {})
    await ada.get("/get-session")
    body = {"currentPassword": PASSWORD, "newPassword": NEW}
    for path, sent in (
        ("/revoke-sessions", {}),
        ("/change-password", body),
        ("/verify-password", {"password": PASSWORD}),
    ):
        ada.cookies = dict(jar)
        await ada.post(path, sent)
    ada.cookies = dict(jar)
    await ada.get("/get-session?disableCookieCache=1")


@scenario({**ON, "session.updateAge": 0, "user.deleteUser.enabled": True})
async def ended_by_oneself(s: Side) -> None:
    """Nothing of the session that ended is given, though it was due for renewal."""
    ada = await s.signed_up("oneself@example.com")
    bob = await ada.sign_in("oneself@example.com")
    for path, body in (
        ("/revoke-session", {"token": bob.json["token"]}),
        ("/revoke-sessions", {}),
        ("/delete-user", {"password": PASSWORD}),
    ):
        await ada.post(path, body)
        await ada.get("/get-session")
        if path.startswith("/revoke"):
            await ada.sign_in("oneself@example.com")


@scenario(ON)
async def remembered_again(s: Side) -> None:
    ada = await s.signed_up("again@example.com")
    await ada.sign_in("again@example.com", rememberMe=False)
    await ada.sign_in("again@example.com")
    await ada.get("/get-session")
    await ada.sign_in("again@example.com", rememberMe=False)
    await ada.sign_up("again-too@example.com")


@scenario(ON)
async def expired(s: Side) -> None:
    ada = await s.signed_up("expired@example.com")
    await s.age("session", "expired@example.com", expiresAt=timedelta(days=8))
    await ada.get("/get-session")
    drop(ada, DATA)
    await ada.get("/get-session")


@scenario(ON)
async def token_from_store(s: Side) -> None:
    ada = await s.signed_up("store@example.com")
    await s.sql(
        'DELETE FROM session WHERE "userId" IN (SELECT id FROM "user" WHERE email = ?)',
        "store@example.com",
    )
    await ada.get("/token")


@scenario(ON)
async def more_from_store(s: Side) -> None:
    ada = await s.signed_up("more@example.com")
    await s.sql(
        'DELETE FROM session WHERE "userId" IN (SELECT id FROM "user" WHERE email = ?)',
        "more@example.com",
    )
    jar = dict(ada.cookies or {})
    for path in ("/list-sessions", "/list-accounts"):
        ada.cookies = dict(jar)
        await ada.get(path)
    for path, body in (
        ("/update-user", {"name": "Eve"}),
        ("/unlink-account", {"accountId": "x"}),
    ):
        ada.cookies = dict(jar)
        await ada.post(path, body)


@scenario(ON)
async def password(s: Side) -> None:
    ada = await s.signed_up("password@example.com")
    body = {"currentPassword": PASSWORD, "newPassword": NEW}
    await ada.post("/change-password", body)
    await ada.get("/get-session")


@scenario(ON)
async def other_session_as_bearer(s: Side) -> None:
    ada = await s.signed_up("bearer@example.com")
    eve = await s.browser().sign_up("bearer-eve@example.com")
    await ada.get("/get-session", ("Authorization", f"Bearer {eve.json['token']}"))


@scenario({**ON, "session.updateAge": 0})
async def renewed(s: Side) -> None:
    ada = await s.signed_up("renewed@example.com")
    await ada.get("/get-session")
    drop(ada, DATA)
    await ada.get("/get-session")
    put(ada, DATA, "zz")
    await ada.get("/get-session")


@scenario({**ON, "session.updateAge": 0, "session.deferSessionRefresh": True})
async def deferred(s: Side) -> None:
    ada = await s.signed_up("deferred@example.com")
    await ada.get("/get-session")
    await ada.get("/get-session?disableCookieCache=1")
    await ada.post("/get-session")
    drop(ada, DATA)
    await ada.post("/get-session")
    drop(ada, DATA)
    await ada.get("/list-accounts")


@scenario({**ON, "session.updateAge": 0})
async def guards(s: Side) -> None:
    ada = await s.signed_up("guards@example.com")
    drop(ada, DATA)
    await ada.get("/list-accounts")
    await ada.post("/verify-password", {"password": PASSWORD})


# Neither server's token is of interest here, and ours leaves so long a name out.
NO_JWT = {"jwt.disableSettingJwtHeader": True}


@scenario({**ON, **NO_JWT})
async def chunks(s: Side) -> None:
    await in_chunks(s, "chunks@example.com")


@scenario({**ON, **NO_JWT, "session.cookieCache.strategy": "jwt"})
async def chunks_jwt(s: Side) -> None:
    await in_chunks(s, "chunks@example.com")


@scenario({**ON, **NO_JWT, "session.cookieCache.strategy": "jwe"})
async def chunks_jwe(s: Side) -> None:
    await in_chunks(s, "chunks@example.com")


async def in_chunks(s: Side, email: str) -> None:
    ada = await s.signed_up(email, name="n" * 6000)
    await ada.get("/get-session")
    await ada.post("/update-user", {"name": "n" * 4000})
    await ada.get("/get-session")
    await ada.post("/update-user", {"name": "Ada"})
    await ada.get("/get-session")
    await ada.post("/update-user", {"name": "n" * 4000})
    await ada.sign_in(email)
    await ada.post("/sign-out", {})


@scenario(
    {
        **ON,
        "user.additionalFields": {
            "plan": {"type": "string", "required": False, "defaultValue": "free"},
            "hidden": {"type": "string", "required": False, "returned": False, "defaultValue": "x"},
        },
        "session.additionalFields": {"theme": {"type": "string", "required": False}},
    }
)
async def additional_fields(s: Side) -> None:
    ada = await s.signed_up("fields@example.com", plan="gold")
    await ada.get("/get-session")
    await ada.post("/update-session", {"theme": "dark"})
    await ada.get("/get-session")


def cookie(caller: Caller, name: str) -> str:
    assert caller.cookies is not None
    return caller.cookies[name]


def put(caller: Caller, name: str, value: str) -> None:
    assert caller.cookies is not None
    caller.cookies[name] = value


def drop(caller: Caller, name: str) -> None:
    assert caller.cookies is not None
    caller.cookies.pop(name, None)


@scenario(
    {
        **ON,
        "user.deleteUser.enabled": True,
        "user.changeEmail.enabled": True,
        "user.changeEmail.updateEmailWithoutVerification": True,
    }
)
async def account(s: Side) -> None:
    ada = await s.signed_up("account@example.com")
    await ada.post("/change-email", {"newEmail": "account-new@example.com"})
    await ada.get("/get-session")
    await ada.post("/delete-user", {"password": PASSWORD})
    await ada.get("/get-session")


@scenario(ON)
async def password_of_all_sessions(s: Side) -> None:
    ada = await s.signed_up("revoking@example.com")
    body = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": True}
    await ada.post("/change-password", body)
    await ada.get("/get-session")
