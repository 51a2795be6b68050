"""Names and attributes of the session cookies, by every option that has a say in them."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side


@scenario({"baseURL": "https://auth.example.com"})
async def https(s: Side) -> None:
    await life(s)


@scenario({"advanced.useSecureCookies": True})
async def secure(s: Side) -> None:
    await life(s)


@scenario({"baseURL": "https://auth.example.com", "advanced.useSecureCookies": False})
async def not_secure(s: Side) -> None:
    await life(s)


@scenario({"advanced.cookiePrefix": "my-app"})
async def prefix(s: Side) -> None:
    await life(s)


@scenario(
    {
        "baseURL": "http://auth.example.com:4000",
        "advanced.crossSubDomainCookies.enabled": True,
    }
)
async def shared(s: Side) -> None:
    await life(s)


@scenario(
    {
        "baseURL": "https://auth.example.com",
        "advanced.crossSubDomainCookies.enabled": True,
        "advanced.crossSubDomainCookies.domain": ".example.com",
        "advanced.defaultCookieAttributes.sameSite": "none",
        "advanced.defaultCookieAttributes.partitioned": True,
    }
)
async def of_other_sites(s: Side) -> None:
    await life(s)


@scenario({"advanced.defaultCookieAttributes.sameSite": "none"})
async def secure_of_other_sites(s: Side) -> None:
    await life(s)


@scenario({"advanced.defaultCookieAttributes.partitioned": True})
async def secure_and_partitioned(s: Side) -> None:
    await life(s)


@scenario(
    {
        "baseURL": "https://auth.example.com",
        "session.cookieCache.enabled": True,
        "advanced.defaultCookieAttributes.httpOnly": False,
        "advanced.defaultCookieAttributes.path": "/x",
        "advanced.defaultCookieAttributes.domain": "example.com",
        "advanced.defaultCookieAttributes.maxAge": 9,
    }
)
async def attributes_of_all(s: Side) -> None:
    await life(s)


@scenario(
    {
        "baseURL": "https://auth.example.com",
        "session.cookieCache.enabled": True,
        "session.cookieCache.maxAge": 60,
        "advanced.defaultCookieAttributes.sameSite": "none",
        "advanced.cookies": {
            "session_token": {"name": "sess", "attributes": {"sameSite": "strict", "maxAge": 5}},
            "session_data": {"name": "sd", "attributes": {"maxAge": 30, "path": "/api"}},
            "dont_remember": {"attributes": {"maxAge": 40, "secure": False}},
        },
    }
)
async def attributes_of_each(s: Side) -> None:
    await life(s)


async def life(s: Side) -> None:
    """Everything that sets, reads and clears them."""
    ada = await s.signed_up("life@example.com")
    await ada.get("/get-session")
    await ada.post("/update-user", {"name": "Ada Lovelace"})
    await ada.sign_in("life@example.com", rememberMe=False)
    await ada.get("/get-session")
    await ada.post("/sign-out", {})
