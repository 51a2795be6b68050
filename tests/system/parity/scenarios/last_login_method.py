"""The plugin `last-login-method`: which cookie a sign-in leaves, and what is stored."""

from ..scenario import scenario
from ..side import Side

ON = {"plugins": ["last-login-method"]}
STORED = {**ON, "lastLoginMethod.storeInDatabase": True}


@scenario(ON)
async def cookie_of_each_method(s: Side) -> None:
    ada = await s.signed_up("cookie@example.com")
    await ada.get("/get-session")
    await ada.post("/sign-out", {})
    await ada.sign_in("cookie@example.com", rememberMe=False)
    await ada.sign_in("cookie@example.com", password="wrong password")
    await ada.post("/update-user", {"name": "Countess"})
    await ada.post(
        "/change-password",
        {
            "currentPassword": "correct horse battery",
            "newPassword": "another horse battery",
            "revokeOtherSessions": True,
        },
    )


@scenario(STORED, postgres=True)
async def stored_method(s: Side) -> None:
    ada = await s.signed_up("stored@example.com")
    await ada.get("/get-session")
    await s.sql(
        'UPDATE "user" SET "lastLoginMethod" = ? WHERE email = ?', "x", "stored@example.com"
    )
    await ada.sign_in("stored@example.com")
    await ada.get("/get-session")
    await ada.post("/update-user", {"lastLoginMethod": "mine"})
    await ada.sign_up("stored2@example.com", lastLoginMethod="mine")
    await ada.get("/get-session")


@scenario(
    {
        **STORED,
        "lastLoginMethod.cookieName": "how",
        "lastLoginMethod.maxAge": 60,
        "lastLoginMethod.schema.user.lastLoginMethod": "last_method",
        "advanced.useSecureCookies": True,
        "session.cookieCache.enabled": True,
    }
)
async def own_names(s: Side) -> None:
    ada = await s.signed_up("names@example.com")
    await ada.sign_in("names@example.com")
    await ada.get("/get-session")
    await ada.post("/sign-out", {})


@scenario({**ON, "emailAndPassword.autoSignIn": False})
async def no_session_no_cookie(s: Side) -> None:
    ada = await s.signed_up("none@example.com")
    await ada.sign_in("none@example.com")
