"""Requests that are one too many: rules, storages, addresses."""

import asyncio
from collections.abc import Mapping

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

ON: Mapping[str, object] = {"rateLimit.enabled": True}
DATABASE = {**ON, "rateLimit.storage": "database"}
REDIS = {**ON, "secondaryStorage": True}
FEW = {"rateLimit.window": 60, "rateLimit.max": 2}
RULES = {
    "rateLimit.customRules": {
        "/sign-in/*": {"window": 30, "max": 1},
        "/get-session": False,
        "/ok": {"window": 20, "max": 4},
        "/reset-password/*": {"window": 40, "max": 1},
    }
}
SHORT = {"rateLimit.window": 3, "rateLimit.max": 2}
WRONG = {"email": "nobody@example.com", "password": "not this one"}


async def _special(s: Side) -> None:
    caller = s.client(ip="203.0.113.1")
    for _ in range(5):
        await caller.post("/sign-in/email", WRONG)
    await caller.get("/sign-in/email")
    await s.client(ip="203.0.113.2").post("/sign-in/email", WRONG)
    for _ in range(4):
        await caller.post("/sign-up/email", {})
    for _ in range(4):
        await caller.post("/request-password-reset", {"email": "nobody@example.com"})
    for _ in range(4):
        await caller.post("/change-password", {})
    for _ in range(4):
        await caller.get("/sign-in/unknown")
    await caller.get("/ok")


async def _few(s: Side) -> None:
    caller = s.client(ip="203.0.113.3")
    for _ in range(4):
        await caller.get("/ok")
    for _ in range(3):
        await caller.get("/get-session")
    for _ in range(3):
        await caller.get("/nowhere")
    for _ in range(3):
        await caller.get("/ok/")
    for number in range(4):
        await caller.get(f"/reset-password/{number}?callbackURL=")
    for _ in range(3):
        await caller.get("/reset-password/same?callbackURL=")


async def _addresses(s: Side) -> None:
    for ip in (
        "2001:db8::1",
        "2001:DB8:0:0:1::2",
        "2001:0db8:0000:0000:ffff::1",
        "2001:db8:0:1::1",
        "::ffff:192.0.2.1",
        "::ffff:c000:0201",
        "192.0.2.1",
        "192.0.2.2",
        "198.51.100.9, 192.0.2.1",
        " 192.0.2.2 ",
    ):
        await s.client(ip=ip).get("/ok")
        await s.client(ip=ip).get("/ok")


async def _custom(s: Side) -> None:
    caller = s.client(ip="203.0.113.4")
    for _ in range(3):
        await caller.post("/sign-in/email", WRONG)
    for _ in range(6):
        await caller.get("/ok")
    for _ in range(5):
        await caller.get("/get-session")
    for number in (1, 1, 2, 2):
        await caller.get(f"/reset-password/{number}?callbackURL=")
    for _ in range(4):
        await caller.post("/sign-up/email", {})


async def _in_time(s: Side) -> None:
    """Which requests begin a window anew; each step has a second to spare."""
    caller = s.client(ip="203.0.113.6")
    await caller.get("/ok")
    for _ in range(3):
        await asyncio.sleep(2)
        await caller.get("/ok")


@scenario(ON, fresh=True)
async def special_rules(s: Side) -> None:
    await _special(s)


@scenario({**ON, **FEW}, fresh=True)
async def few(s: Side) -> None:
    await _few(s)


@scenario({**ON, **SHORT}, fresh=True)
async def in_time(s: Side) -> None:
    await _in_time(s)


@scenario({**DATABASE, **SHORT}, fresh=True)
async def in_time_in_the_database(s: Side) -> None:
    await _in_time(s)


@scenario({**REDIS, **SHORT}, fresh=True)
async def in_time_in_redis(s: Side) -> None:
    await _in_time(s)


@scenario({**ON, **FEW}, fresh=True)
async def addresses(s: Side) -> None:
    await _addresses(s)


@scenario({**ON, **FEW}, fresh=True)
async def mapped_address_in_its_shortest_form(s: Side) -> None:
    for ip in ("192.0.2.1", "192.0.2.1", "::FFFF:C000:201"):
        await s.client(ip=ip).get("/ok")


@scenario({**ON, **FEW, "advanced.ipAddress.ipv6Subnet": 48}, fresh=True)
async def addresses_of_a_wider_network(s: Side) -> None:
    await _addresses(s)


@scenario({**ON, **RULES}, fresh=True)
async def custom_rules(s: Side) -> None:
    await _custom(s)


@scenario(DATABASE, fresh=True)
async def special_rules_in_the_database(s: Side) -> None:
    await _special(s)


@scenario({**DATABASE, **FEW}, fresh=True)
async def few_in_the_database(s: Side) -> None:
    await _few(s)


@scenario(DATABASE, fresh=True, postgres="only")
async def special_rules_in_postgresql(s: Side) -> None:
    await _special(s)


@scenario({**DATABASE, **FEW}, fresh=True, postgres="only")
async def few_in_postgresql(s: Side) -> None:
    await _few(s)


@scenario({**DATABASE, **RULES}, fresh=True)
async def custom_rules_in_the_database(s: Side) -> None:
    await _custom(s)


@scenario(REDIS, fresh=True)
async def special_rules_in_redis(s: Side) -> None:
    await _special(s)


@scenario({**REDIS, **FEW}, fresh=True)
async def few_in_redis(s: Side) -> None:
    await _few(s)


@scenario({**REDIS, **RULES}, fresh=True)
async def custom_rules_in_redis(s: Side) -> None:
    await _custom(s)


@scenario({**ON, **FEW, "advanced.ipAddress.disableIpTracking": True}, fresh=True)
async def untracked(s: Side) -> None:
    caller = s.client(ip="203.0.113.5")
    for _ in range(5):
        await caller.get("/ok")
