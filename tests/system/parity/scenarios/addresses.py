"""The grammar of e-mail addresses, at sign-up (which says more) and at sign-in."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

REFUSED = (
    *("a@b", "a@b.c", "a..b@c.co", ".a@c.co", "a.@c.co", "a'@c.co", "a@-b.co", "a@b_c.co"),
    *(
        "a@b..co",
        "a@1.2.3.4",
        "a@[1.2.3.4]",
        '"a b"@c.co',
        "a@b.c1",
        "a@b.co ",
        " a@b.co",
        "a@b.co\n",
    ),
    *("@b.co", "a@", "a", "a@.co", "a@b.co.", "a b@c.co", "é@c.co", "a@é.co", "a@b.có", "a@@b.co"),
    *(f"a{each}b@c.co" for each in "!#$%&*/=?^{|}~`(),:;<>\\[]"),
    *("a@b.1o", "a@b.co1", "a@b@c.co", "a@b.co\0"),
)
ACCEPTED = (
    *("a+b@c.co", "o'brien@c.co", "a_b-c@d.co", "a@b-.co", "a@1.co", "a@xn--9ca.co", "'a@c.co"),
    *("-a@c.co", "a+@c.co", "_@c.co", "A.B@C.CO", "a@b.c.d.museum", "1@2.co", "a@a--b.co"),
    *("+a@c.co", "a_@c.co"),
    *(f"{'l' * 65}@c.co", f"a@{'d' * 300}.co", f"a@b.{'t' * 70}"),
)


@scenario()
async def refused_at_sign_in(s: Side) -> None:
    for address in REFUSED:
        await s.client().post("/sign-in/email", {"email": address, "password": "xxxxxxxx"})


@scenario()
async def refused_at_sign_up(s: Side) -> None:
    for address in REFUSED:
        body = {"name": "x", "email": address, "password": "xxxxxxxx"}
        await s.client().post("/sign-up/email", body)


@scenario()
async def accepted_at_sign_in(s: Side) -> None:
    for address in ACCEPTED:
        await s.client().post("/sign-in/email", {"email": address, "password": "xxxxxxxx"})


@scenario()
async def accepted_at_sign_up(s: Side) -> None:
    """Too short a password is told only after the address was good."""
    for address in ACCEPTED:
        await s.client().post("/sign-up/email", {"name": "x", "email": address, "password": "x"})
