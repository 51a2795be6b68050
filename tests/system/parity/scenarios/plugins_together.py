"""Several plugins at once: each adds its own, and none takes from another."""

from ..scenario import scenario
from ..side import PASSWORD, Side
from .admin import administrator, id_of
from .two_factor import APP, code, enable

PLUGINS = ["username", "one-time-token", "multi-session", "last-login-method"]
ALL = {
    "plugins": PLUGINS,
    "oneTimeToken.setOttHeaderOnNewSession": True,
    "lastLoginMethod.storeInDatabase": True,
}


@scenario(ALL, postgres=True)
async def one_browser(s: Side) -> None:
    page = s.browser()
    ada = (await page.sign_up("ada1@example.com", username="Ada_1")).json["token"]
    await page.sign_up("eve1@example.com", displayUsername="Eve_1")
    body = {"username": "ada_1", "password": PASSWORD}
    await page.post("/sign-in/username", body)
    await page.get("/multi-session/list-device-sessions")
    await page.post("/multi-session/set-active", {"sessionToken": ada})
    answer = await page.post("/sign-in/username", body)
    await page.post("/update-user", {"username": "ada_2", "displayUsername": "Countess"})
    await page.get("/get-session")
    await page.get("/token")
    phone = s.browser()
    await phone.post("/one-time-token/verify", {"token": answer.header("set-ott")})
    await phone.get("/multi-session/list-device-sessions")
    await phone.post("/multi-session/revoke", {"sessionToken": answer.json["token"]})
    await page.get("/get-session")
    await page.post("/sign-out", {})
    await phone.get("/multi-session/list-device-sessions")


@scenario({**ALL, "plugins": [*reversed(PLUGINS)]})
async def other_order(s: Side) -> None:
    page = s.browser()
    await page.sign_up("order0@example.com", username="order_0")
    await page.get("/get-session")
    await page.get("/multi-session/list-device-sessions")
    await page.sign_in("order0@example.com")


@scenario({**ALL, "session.updateAge": 0, "session.cookieCache.enabled": True})
async def renewed_at_every_read(s: Side) -> None:
    page = s.browser()
    await page.sign_up("renewed1@example.com", username="renewed_1")
    await page.get("/get-session")
    await page.get("/get-session?disableCookieCache=true")
    await page.post("/update-user", {"username": "renewed_2"})
    token = (await page.get("/one-time-token/generate")).json["token"]
    await s.browser().post("/one-time-token/verify", {"token": token})
    await page.get("/multi-session/list-device-sessions")


@scenario({**ALL, "secondaryStorage": True}, fresh=True)
async def stored_elsewhere(s: Side) -> None:
    page = s.browser()
    answer = await page.sign_up("stored1@example.com", username="Stored_1")
    await page.post("/update-user", {"username": "stored_2"})
    await page.get("/get-session")
    await s.browser().post("/one-time-token/verify", {"token": answer.header("set-ott")})
    await page.post("/multi-session/revoke", {"sessionToken": answer.json["token"]})
    await page.get("/get-session")
    body = {"username": "stored_2", "password": PASSWORD}
    await page.post("/sign-in/username", body)
    await s.stored()


@scenario(
    {
        "plugins": ["username", "one-time-token", "multi-session", "anonymous"],
        "oneTimeToken.setOttHeaderOnNewSession": True,
    }
)
async def guest_becomes_a_user(s: Side) -> None:
    await s.signed_up("guest1@example.com", username="guest_1")
    page = s.browser()
    await page.post("/sign-in/anonymous")
    await page.get("/multi-session/list-device-sessions")
    await page.post("/update-user", {"username": "guest_2"})
    body = {"username": "guest_1", "password": PASSWORD}
    await page.post("/sign-in/username", body)
    await page.get("/multi-session/list-device-sessions")
    await page.post("/is-username-available", {"username": "guest_2"})
    await page.get("/get-session")
    other = s.browser()
    answer = await other.post("/sign-in/anonymous")
    await page.post("/one-time-token/verify", {"token": answer.header("set-ott")})
    await page.get("/multi-session/list-device-sessions")
    await page.post("/delete-anonymous-user", {})
    await page.get("/multi-session/list-device-sessions")
    await page.get("/get-session")


@scenario({"plugins": ["username", "multi-session", "email-otp"]}, postgres=True)
async def codes_and_usernames(s: Side) -> None:
    await s.signed_up("code1@example.com", username="code_1")
    page = s.browser()
    for name in ("ab", "CODE_1", "not valid", "Code_2", 5):
        await page.post(
            "/email-otp/send-verification-otp", {"email": "code2@example.com", "type": "sign-in"}
        )
        code = (await s.mail("code2@example.com")).code
        body = {"email": "code2@example.com", "otp": code, "username": name}
        await page.post("/sign-in/email-otp", body)
    await page.get("/get-session")
    await page.get("/multi-session/list-device-sessions")
    await page.post("/sign-in/username", {"username": "code_2", "password": PASSWORD})


ADMIN = {
    "plugins": ["username", "one-time-token", "multi-session", "admin"],
    "oneTimeToken.setOttHeaderOnNewSession": True,
}


@scenario(ADMIN, postgres=True)
async def administrator_names_users(s: Side) -> None:
    await s.signed_up("named0@example.com", username="named_0")
    boss = await administrator(s, "boss0@example.com")
    usernames = ("ab", "NAMED_0", "not valid", "Named_1", None)
    for number, username in enumerate(usernames, 1):
        new = {"email": f"named{number}@example.com", "name": "Eve", "password": PASSWORD}
        await boss.post("/admin/create-user", {**new, "data": {"username": username}})
    new = {"email": "named9@example.com", "name": "Eve", "password": PASSWORD}
    await boss.post("/admin/create-user", {**new, "data": {"displayUsername": "Shown"}})
    body = {"username": "named_1", "password": PASSWORD}
    await s.browser().post("/sign-in/username", body)
    user_id = await id_of(s, "named4@example.com")
    for data in (
        {"username": "ab"},
        {"username": "named_0"},
        {"username": "Named_2"},
        {"displayUsername": "Two"},
        {"username": None},
    ):
        await boss.post("/admin/update-user", {"userId": user_id, "data": data})
    await boss.get("/admin/list-users?searchField=email&searchValue=named")


@scenario(ADMIN)
async def administrator_keeps_a_username(s: Side) -> None:
    await s.signed_up("kept0@example.com", username="kept_0")
    boss = await administrator(s, "boss1@example.com")
    user_id = await id_of(s, "kept0@example.com")
    data = {"username": "kept_0", "name": "Ada the First"}
    await boss.post("/admin/update-user", {"userId": user_id, "data": data})


@scenario(ADMIN)
async def banned_user(s: Side) -> None:
    ada = await s.signed_up("banned0@example.com", username="banned_0")
    token = (await ada.get("/one-time-token/generate")).json["token"]
    boss = await administrator(s, "boss2@example.com")
    user_id = await id_of(s, "banned0@example.com")
    await boss.post("/admin/ban-user", {"userId": user_id})
    body = {"username": "banned_0", "password": PASSWORD}
    await ada.get("/multi-session/list-device-sessions")
    await ada.post("/sign-in/username", body)
    await s.browser().post("/sign-in/username", {**body, "password": "wrong password"})
    await s.browser().post("/one-time-token/verify", {"token": token})
    await boss.post("/admin/unban-user", {"userId": user_id})
    await ada.post("/sign-in/username", body)


@scenario(ADMIN)
async def impersonated(s: Side) -> None:
    await s.signed_up("seen0@example.com", username="seen_0")
    boss = await administrator(s, "boss3@example.com")
    user_id = await id_of(s, "seen0@example.com")
    await boss.post("/admin/impersonate-user", {"userId": user_id})
    await boss.get("/multi-session/list-device-sessions")
    await boss.post("/update-user", {"username": "seen_1"})
    await boss.get("/get-session")
    token = (await boss.get("/one-time-token/generate")).json["token"]
    await boss.post("/admin/stop-impersonating")
    await boss.get("/multi-session/list-device-sessions")
    await boss.get("/get-session")
    await s.browser().post("/one-time-token/verify", {"token": token})
    await boss.post("/sign-out", {})


TWO_FACTOR = {
    "plugins": ["two-factor", *PLUGINS],
    "oneTimeToken.setOttHeaderOnNewSession": True,
    "twoFactor.totpOptions.period": 86400,
    "twoFactor.otpOptions.sendOTP": True,
}


@scenario(TWO_FACTOR, postgres=True)
async def second_factor(s: Side) -> None:
    email = "second0@example.com"
    page = s.browser()
    await page.sign_up("first0@example.com", username="first_0")
    await page.sign_up(email, username="second_0")
    enabled = await enable(page)
    await page.get("/multi-session/list-device-sessions")
    body = {"username": "second_0", "password": PASSWORD}
    phone = s.browser()
    await phone.sign_in("first0@example.com")
    await phone.post("/sign-in/username", {**body, "password": "wrong password"})
    await phone.post("/sign-in/username", {**body, "rememberMe": False, "callbackURL": "/next"})
    await phone.get("/get-session")
    await phone.get("/multi-session/list-device-sessions")
    await phone.post("/two-factor/verify-totp", {"code": code(enabled), "trustDevice": True})
    await phone.get("/get-session")
    await phone.get("/multi-session/list-device-sessions")
    await phone.post("/sign-in/username", body)
    await phone.get("/multi-session/list-device-sessions")
    token = (await phone.get("/one-time-token/generate")).json["token"]
    await s.browser().post("/one-time-token/verify", {"token": token})
    await phone.post("/sign-out", {})
    await phone.post("/sign-in/username", body)
    await s.browser().post("/sign-in/username", body)
    await page.post("/two-factor/disable", {"password": PASSWORD})
    await page.get("/multi-session/list-device-sessions")
    await s.browser().post("/sign-in/username", body)


GUARDED = {**APP, "plugins": ["username", "two-factor", "last-login-method"]}


@scenario({**GUARDED, "lastLoginMethod.storeInDatabase": True}, postgres=True)
async def second_factor_after_a_method(s: Side) -> None:
    email = "factor1@example.com"
    ada = await s.signed_up(email, username="factor_1")
    enabled = await enable(ada)
    await s.sql('UPDATE "user" SET "lastLoginMethod" = ? WHERE email = ?', "x", email)
    body = {"username": "factor_1", "password": PASSWORD}
    await s.browser().post("/sign-in/username", body)
    await ada.get("/get-session")
    page = s.browser()
    await page.sign_in(email, password="wrong password")
    await page.sign_in(email)
    await page.post("/two-factor/verify-totp", {"code": code(enabled)})
    await page.get("/get-session")
