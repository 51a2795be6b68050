"""The plugin `have-i-been-pwned`: where a password of a known breach is refused."""

from tests.support.pwned_passwords import BREACHED, DOWN, GARBLED, PADDED

from ..scenario import scenario
from ..side import PASSWORD, Side

ON = {"plugins": ["have-i-been-pwned"]}


@scenario(ON)
async def sign_up_and_change(s: Side) -> None:
    page = s.browser()
    for number, password in enumerate((BREACHED, GARBLED, DOWN, PADDED)):
        await page.sign_up(f"pwned{number}@example.com", password=password)
    await page.sign_up("pwned3@example.com", password=BREACHED)  # taken
    for password in (BREACHED, PASSWORD):
        body = {"currentPassword": PADDED, "newPassword": password}
        await page.post("/change-password", {**body, "currentPassword": "wrong password"})
        await page.post("/change-password", body)
    await page.sign_in("pwned3@example.com")


@scenario({**ON, "emailAndPassword.sendResetPassword": True})
async def reset_with_a_link(s: Side) -> None:
    page = await s.signed_up("pwned-reset@example.com")
    await page.post("/request-password-reset", {"email": "pwned-reset@example.com"})
    link = (await s.mail("pwned-reset@example.com")).link
    token = link.partition("?")[0].rpartition("/")[2]
    for password in (BREACHED, DOWN, "a new password of hers", BREACHED):
        await page.post("/reset-password", {"token": token, "newPassword": password})
    await page.sign_in("pwned-reset@example.com", password="a new password of hers")


@scenario(
    {
        **ON,
        "haveIBeenPwned.paths": ["/change-password"],
        "haveIBeenPwned.customPasswordCompromisedMessage": "Choose one that nobody knows.",
    }
)
async def own_paths_and_message(s: Side) -> None:
    page = s.browser()
    await page.sign_up("pwned-paths@example.com", password=BREACHED)
    body = {"currentPassword": BREACHED, "newPassword": BREACHED}
    await page.post("/change-password", body)
    await page.post("/sign-out", {})
    await page.sign_in("pwned-paths@example.com", password=BREACHED)


@scenario({**ON, "haveIBeenPwned.enabled": False})
async def switched_off(s: Side) -> None:
    await s.browser().sign_up("pwned-off@example.com", password=BREACHED)


@scenario({"plugins": ["have-i-been-pwned", "admin", "email-otp"]})
async def by_administrators_and_codes(s: Side) -> None:
    root = await s.signed_up("pwned-admin@example.com")
    await s.sql("UPDATE \"user\" SET role = 'admin' WHERE email = ?", "pwned-admin@example.com")
    new = {"name": "Ada", "role": "user"}
    for number, password in enumerate((BREACHED, PASSWORD)):
        body = {**new, "email": f"pwned-made{number}@example.com", "password": password}
        await root.post("/admin/create-user", body)
    made = await s.sql('SELECT id FROM "user" WHERE email = ?', "pwned-made1@example.com")
    for password in (BREACHED, "a new password of hers"):
        body = {"userId": made[0]["id"], "newPassword": password}
        await root.post("/admin/set-user-password", body)
    reader = s.browser()
    await reader.post("/email-otp/request-password-reset", {"email": "pwned-made1@example.com"})
    code = (await s.mail("pwned-made1@example.com")).code
    for password in (BREACHED, PASSWORD):
        body = {"email": "pwned-made1@example.com", "otp": code, "password": password}
        await reader.post("/email-otp/reset-password", body)
