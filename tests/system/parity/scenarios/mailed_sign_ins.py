"""Links and codes by mail together: no second factor, and wherever their values are stored."""

from ..scenario import scenario
from ..side import Side

BOTH = {"plugins": ["magic-link", "email-otp"]}
_ENABLE = 'UPDATE "user" SET "twoFactorEnabled" = ? WHERE email = ?'


@scenario(
    {
        "plugins": ["two-factor", "magic-link", "email-otp", "anonymous"],
        "emailVerification.autoSignInAfterVerification": True,
    }
)
async def no_second_factor(s: Side) -> None:
    who = "factor@example.com"
    await s.signed_up(who)
    await s.sql(_ENABLE, 1, who)
    guest = s.browser()
    await guest.post("/sign-in/anonymous")
    await guest.post("/sign-in/magic-link", {"email": who})
    await guest.open((await s.mail(who)).link)
    await guest.get("/get-session")
    for kind, path in (
        ("sign-in", "/sign-in/email-otp"),
        ("email-verification", "/email-otp/verify-email"),
    ):
        ada = s.browser()
        await ada.post("/email-otp/send-verification-otp", {"email": who, "type": kind})
        await ada.post(path, {"email": who, "otp": (await s.mail(who)).code})
        await ada.get("/get-session")


async def _sign_in_twice(s: Side, who: str) -> None:
    ada = s.browser()
    await ada.post("/sign-in/magic-link", {"email": who})
    link = (await s.mail(who)).link
    await ada.open(link)
    await ada.open(link)
    await ada.post("/email-otp/send-verification-otp", {"email": who, "type": "sign-in"})
    code = (await s.mail(who)).code
    for guess in ("x", "y", code, code):
        await ada.post("/sign-in/email-otp", {"email": who, "otp": guess})
    await ada.post("/email-otp/send-verification-otp", {"email": who, "type": "sign-in"})
    await s.mail(who)
    for guess in ("x", "y", "z", "x", "y"):
        await ada.post("/sign-in/email-otp", {"email": who, "otp": guess})


@scenario({**BOTH, "verification.storeIdentifier": "hashed"})
async def hashed_identifiers(s: Side) -> None:
    await _sign_in_twice(s, "hashed@example.com")


@scenario(
    {
        **BOTH,
        "secondaryStorage": True,
        "verification.storeInDatabase": True,
        "verification.storeIdentifier": "hashed",
        "magicLink.storeToken": "hashed",
        "emailOTP.storeOTP": "encrypted",
    },
    fresh=True,
)
async def stored_twice(s: Side) -> None:
    await _sign_in_twice(s, "twice@example.com")
