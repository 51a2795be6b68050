"""Rate limits, counted in memory."""

from tests.system.parity.options import Options
from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

ON: Options = {"rateLimit.enabled": True}


@scenario(ON)
async def by_default(s: Side) -> None:
    """100 in 10 seconds."""
    someone = s.client(ip="198.51.100.1")
    for _ in range(101):
        await someone.get("/ok")


@scenario(ON)
async def guessing(s: Side) -> None:
    someone = s.client(ip="198.51.100.2")
    for _ in range(4):
        await someone.post("/sign-in/email", {"email": "nobody"})
    await someone.get("/sign-in/email")
    await someone.post("/sign-in/email/", {})
    await someone.post("/sign-in/nope", {})
    for _ in range(4):
        await someone.post("/sign-up/email", {})
    await someone.post("/sign-out", {})


@scenario(ON)
async def addresses(s: Side) -> None:
    for _ in range(4):
        await s.client(ip="198.51.100.3").post("/sign-in/email", {})
    await s.client(ip="198.51.100.4").post("/sign-in/email", {})
    await s.client(ip="::ffff:198.51.100.3").post("/sign-in/email", {})
    for host in range(4):
        await s.client(ip=f"2001:db8:0:1::{host}").post("/sign-in/email", {})
    await s.client(ip="2001:db8:0:2::1").post("/sign-in/email", {})
    await s.client(ip="198.51.100.9, 198.51.100.3").post("/sign-in/email", {})
    await s.client(ip="198.51.100.3, 127.0.0.1").post("/sign-in/email", {})


@scenario(ON)
async def wrong_methods_count(s: Side) -> None:
    someone = s.client(ip="198.51.100.5")
    for method in ("GET", "PUT", "OPTIONS", "HEAD"):
        await someone.send(method, "/sign-in/email")
    await someone.post("/sign-in/email", {})


@scenario(ON)
async def before_anything_else(s: Side) -> None:
    someone = s.client(ip="198.51.100.6")
    for _ in range(3):
        await someone.post("/sign-in/email", b"x", ("Content-Type", "text/plain"))
    await someone.post("/sign-in/email", b"x", ("Content-Type", "text/plain"))
    await someone.post("/sign-in/email", {}, ("Origin", "https://evil.com"), ("Cookie", "a=b"))


@scenario({**ON, "rateLimit.window": 60, "rateLimit.max": 2})
async def other_numbers(s: Side) -> None:
    someone = s.client(ip="198.51.100.7")
    for _ in range(3):
        await someone.get("/ok")
    for _ in range(4):
        await someone.post("/sign-in/email", {})
    for _ in range(3):
        await someone.get("/nope")


@scenario({**ON, "rateLimit.max": 1, "advanced.ipAddress.disableIpTracking": True})
async def without_tracking(s: Side) -> None:
    ada = s.browser(ip="198.51.100.8")
    await ada.sign_up("untracked@example.com")
    for _ in range(3):
        await ada.get("/get-session")


@scenario(
    {
        **ON,
        "rateLimit.max": 2,
        "advanced.ipAddress.ipAddressHeaders": ["cf-connecting-ip", "x-forwarded-for"],
        "advanced.ipAddress.trustedProxies": ["127.0.0.1", "10.0.0.0/8"],
        "advanced.ipAddress.ipv6Subnet": 48,
    }
)
async def other_headers(s: Side) -> None:
    for hops in ("1.1.1.1", "1.1.1.1, 10.1.2.3", "2.2.2.2, 1.1.1.1, 10.1.2.3"):
        await s.client(ip=hops).get("/ok")
    for subnet in range(3):
        await s.client(ip=f"2001:db8:7:{subnet}::1").get("/ok")
    for _ in range(3):
        await s.client().get("/ok", ("CF-Connecting-IP", "3.3.3.3"))
    ada = s.browser()
    await ada.send(
        "POST",
        "/sign-up/email",
        ("CF-Connecting-IP", "2001:db8:7:9::1"),
        body={"name": "x", "email": "headers@example.com", "password": "xxxxxxxx"},
    )
    await ada.get("/get-session")
