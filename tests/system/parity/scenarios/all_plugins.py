"""All plugins at once, and those that most applications have together."""

from ..scenario import scenario
from ..side import PASSWORD, Side
from .admin import administrator, id_of
from .two_factor import code, enable

USUAL = {
    "plugins": ["username", "two-factor", "admin"],
    "twoFactor.totpOptions.period": 86400,
}
ALL = {
    "plugins": [
        *("username", "two-factor", "admin", "magic-link", "email-otp", "anonymous"),
        *("multi-session", "one-time-token", "last-login-method", "organization"),
    ],
    "twoFactor.totpOptions.period": 86400,
    "twoFactor.otpOptions.sendOTP": True,
    "organization.teams.enabled": True,
    "organization.sendInvitationEmail": True,
    "lastLoginMethod.storeInDatabase": True,
}


@scenario(USUAL, postgres=True)
async def usual_three(s: Side) -> None:
    page = s.browser()
    await page.sign_up("usual0@example.com", username="usual_0")
    enabled = await enable(page)
    boss = await administrator(s, "usual-boss@example.com")
    user_id = await id_of(s, "usual0@example.com")
    await boss.get("/admin/list-users?searchField=email&searchValue=usual0")
    await boss.post("/admin/set-role", {"userId": user_id, "role": ["admin", "user"]})
    body = {"username": "usual_0", "password": PASSWORD}
    phone = s.browser()
    await phone.post("/sign-in/username", body)
    await boss.post("/admin/ban-user", {"userId": user_id, "banReason": "Spam"})
    await phone.post("/two-factor/verify-totp", {"code": code(enabled)})
    await s.browser().post("/sign-in/username", body)
    await boss.post("/admin/unban-user", {"userId": user_id})
    await phone.post("/sign-in/username", body)
    await phone.post("/two-factor/verify-totp", {"code": code(enabled)})
    await phone.get("/get-session")
    await boss.post("/admin/impersonate-user", {"userId": user_id})
    await boss.get("/get-session")


@scenario(ALL, postgres=True)
async def all_ten(s: Side) -> None:
    page = s.browser()
    await page.post("/sign-in/anonymous")
    await page.get("/get-session")
    await page.sign_up("all0@example.com", username="All_0")
    await page.get("/get-session")
    await page.post("/organization/create", {"name": "Acme", "slug": "acme"})
    await page.get("/get-session")
    await page.post("/organization/invite-member", {"email": "all1@example.com", "role": "admin"})
    await s.mail("all1@example.com")
    invitations = await page.get("/organization/list-invitations")
    guest = s.browser()
    await guest.post("/sign-in/magic-link", {"email": "all1@example.com", "name": "Eve"})
    await guest.open((await s.mail("all1@example.com")).link)
    await guest.get("/get-session")
    invitation = invitations.json[0]["id"]
    await guest.post("/organization/accept-invitation", {"invitationId": invitation})
    await guest.get("/organization/get-full-organization")
    enabled = await enable(page)
    await page.post("/sign-out", {})
    await page.post("/sign-in/username", {"username": "all_0", "password": PASSWORD})
    await page.post("/two-factor/verify-totp", {"code": code(enabled), "trustDevice": True})
    await page.get("/multi-session/list-device-sessions")
    token = (await page.get("/one-time-token/generate")).json["token"]
    await s.browser().post("/one-time-token/verify", {"token": token})
    await page.post(
        "/email-otp/send-verification-otp", {"email": "all1@example.com", "type": "sign-in"}
    )
    letter = await s.mail("all1@example.com")
    await page.post("/sign-in/email-otp", {"email": "all1@example.com", "otp": letter.code})
    await page.get("/multi-session/list-device-sessions")
    boss = await administrator(s, "all-boss@example.com")
    await boss.get("/admin/list-users?sortBy=email")
    await boss.post("/admin/ban-user", {"userId": await id_of(s, "all1@example.com")})
    await page.get("/organization/list")
    await page.get("/token")
    await page.get("/list-sessions")
    await page.post("/update-user", {"role": "admin"})
    await page.post("/update-session", {"activeOrganizationId": "x"})
