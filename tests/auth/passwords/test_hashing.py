"""The pool: bounded, and alike for every refusal. Work is counted, never timed."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from app.auth.errors import HashingOverloaded
from app.auth.passwords import hashing as module
from app.auth.passwords.decoys import list_decoys, make_decoy
from app.auth.passwords.hashes import (
    Kind,
    Scheme,
    get_cost,
    get_kind,
    is_outdated,
    make,
    verify_hash,
)
from app.auth.passwords.hashing import QUEUED_PER_THREAD, Passwords
from app.auth.passwords.refusal_floor import RefusalFloor
from app.settings.argon2_cost import Argon2Cost
from tests.auth.passwords.test_foreign_hashes import DJANGO
from tests.auth.passwords.test_foreign_hashes import SCRYPT as FOREIGN_SCRYPT
from tests.auth.passwords.test_hashes import ARGON2ID, BCRYPT, SCRYPT, WEAK

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("full_cost_hashes")]

PASSWORD = "password1"
# As little above what is checked as can be: dearer ones would take minutes, or gigabytes.
TOO_DEAR = [
    WEAK.replace("t=1", "t=17"),
    BCRYPT.replace("$04$", "$15$"),
    DJANGO.replace("$1000$", "$5000001$"),
    FOREIGN_SCRYPT["passlib"].replace("p=1", "p=999"),
]
DEARER = make_decoy(Scheme(Kind.ARGON2ID, Argon2Cost(7168, 5)))
MALFORMED = ["", "x", "$argon2id$", "$2b$", "0:0"]


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The real checks that were made: password and hash."""
    calls: list[tuple[str, str]] = []

    def counted(password: str, stored: str) -> bool:
        calls.append((password, stored))
        return verify_hash(password, stored)

    monkeypatch.setattr(module, "verify_hash", counted)
    return calls


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long refusals asked to wait; they don't."""
    waits: list[float] = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("app.auth.equal_time.asyncio.sleep", noted)
    return waits


Costing = Callable[[dict[str, float]], None]


@pytest.fixture
def costing(monkeypatch: pytest.MonkeyPatch) -> Costing:
    """Says what a check costs, by how the hash begins; the clock of the refusals stands still."""

    def say(costs: dict[str, float]) -> None:
        def cost(stored: str) -> float:
            return next(seconds for start, seconds in costs.items() if stored.startswith(start))

        def timed(password: str, stored: str) -> tuple[bool, float]:
            return verify_hash(password, stored), cost(stored)

        def measure(floor: RefusalFloor) -> None:
            for decoy in floor._unmeasured.values():
                floor.note(decoy, cost(decoy))
            floor._unmeasured.clear()

        monkeypatch.setattr(module, "_time_verification", timed)
        monkeypatch.setattr(RefusalFloor, "measure", measure)
        clocked = SimpleNamespace(monotonic=lambda: 1000.0)
        monkeypatch.setattr(module, "time", clocked)
        monkeypatch.setattr("app.auth.equal_time.time", clocked)

    return say


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hashes wait here until it is opened."""
    opened = threading.Event()

    def held(password: str, scheme: Scheme) -> str:
        opened.wait(10)
        return f"{scheme.kind}:{password}"

    monkeypatch.setattr(module, "make", held)
    yield opened
    opened.set()


def passwords(preferred: Kind = Kind.ARGON2ID, **options: object) -> Passwords:
    given = {"threads": 2, **options}
    return Passwords(Scheme(preferred), **given)  # type: ignore[arg-type]  # a table of options


async def test_new_hash_is_of_the_preferred_scheme() -> None:
    assert (await passwords(Kind.SCRYPT).hash("x")).count(":") == 1
    assert (await passwords(Kind.ARGON2ID).hash("x")).startswith("$argon2id$")


@pytest.mark.parametrize("stored", [ARGON2ID, SCRYPT])
async def test_right_password_matches_whatever_is_preferred(stored: str) -> None:
    assert await passwords().verify(PASSWORD, stored)
    assert not await passwords().verify("wrong", stored)


@pytest.mark.parametrize("stored", [None, *MALFORMED])
async def test_nobody_s_password_matches_nothing_after_one_whole_check(
    checked: list[tuple[str, str]], stored: str | None
) -> None:
    pool = passwords()
    assert not await pool.verify(PASSWORD, stored)
    ((password, against),) = checked
    assert password == PASSWORD
    assert against.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("stored", TOO_DEAR)
async def test_hash_that_costs_too_much_matches_nothing_after_the_check_of_a_decoy(
    checked: list[tuple[str, str]], stored: str
) -> None:
    assert not await passwords().verify(PASSWORD, stored)
    assert checked == [(PASSWORD, make_decoy(Scheme(Kind.ARGON2ID)))]


async def test_hash_that_can_not_be_checked_is_told_once_and_not_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool = passwords()
    for stored in (TOO_DEAR[0], TOO_DEAR[0], TOO_DEAR[1], None, ""):
        await pool.verify(PASSWORD, stored)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert lines[0].startswith("a stored password hash wants m=64,t=17,p=1; at most")
    assert "until they reset the password" in lines[0]
    assert not any(TOO_DEAR[0].rpartition("$")[2] in line for line in lines)


@pytest.mark.parametrize("preferred", [Kind.ARGON2ID, Kind.SCRYPT])
async def test_decoy_is_of_the_preferred_scheme_and_fits_no_guess(
    checked: list[tuple[str, str]], preferred: Kind
) -> None:
    pool = passwords(preferred)
    for guess in ("", "no such user", str(preferred)):
        assert not await pool.verify(guess, None)
    assert {stored.startswith("$argon2id$") for _, stored in checked} == {
        preferred is Kind.ARGON2ID
    }


@pytest.mark.parametrize(
    "scheme",
    [
        Scheme(Kind.SCRYPT),
        Scheme(Kind.ARGON2ID),
        Scheme(Kind.ARGON2ID, Argon2Cost(7168, 5, 2)),
    ],
)
async def test_decoy_costs_what_a_new_hash_costs(scheme: Scheme) -> None:
    decoy = make_decoy(scheme)
    assert not is_outdated(decoy, scheme)
    assert get_cost(decoy) == get_cost(make("x", scheme))
    assert not verify_hash("x", decoy)


async def test_refusal_on_a_table_of_one_scheme_asks_for_no_wait(slept: list[float]) -> None:
    await passwords(decoys=list_decoys(["$argon2id$v=19$m=19456,t=2,p=1", "other"])).verify(
        "wrong", ARGON2ID
    )
    assert slept == [0.0]


@pytest.mark.parametrize("stored", [None, "malformed", ARGON2ID, SCRYPT])
async def test_refusal_on_a_mixed_table_waits_for_the_dearest_kind(
    slept: list[float], costing: Costing, stored: str | None
) -> None:
    costing({"$argon2": 10.0, "": 40.0})
    assert not await passwords(decoys=list_decoys(["scrypt"])).verify("wrong", stored)
    assert slept == [60.0]


@pytest.mark.parametrize("stored", [None, "malformed", ARGON2ID, DEARER])
async def test_refusal_after_a_change_of_the_cost_waits_for_the_dearest_whoever_it_is(
    slept: list[float], costing: Costing, stored: str | None
) -> None:
    costing({"$argon2id$v=19$m=19456,": 10.0, "": 40.0})
    scheme = Scheme(Kind.ARGON2ID, Argon2Cost(7168, 5))
    pool = Passwords(scheme, threads=1, decoys=list_decoys(["$argon2id$v=19$m=19456,t=2,p=1"]))
    assert not await pool.verify("wrong", stored)
    assert slept == [60.0]


def test_decoys_are_of_what_can_be_checked_and_of_the_dearest_of_many() -> None:
    argon2 = [f"$argon2id$v=19$m={8 * each},t=1,p=1" for each in range(1, 9)]
    useless = ["other", "$argon2id$v=19$m=19456,t=99,p=1", "$ar", "$argon2id$v=19$m=1,t=1,p=1"]
    found = [get_cost(each) for each in list_decoys([*useless, *argon2, "bcrypt"])]
    assert found == [*argon2[-4:], "$2b$12"]
    assert [get_kind(each) for each in list_decoys(["scrypt", "pbkdf2"])] == [
        Kind.SCRYPT,
        Kind.PBKDF2,
    ]


async def test_time_already_spent_counts_towards_the_floor(
    monkeypatch: pytest.MonkeyPatch, slept: list[float], costing: Costing
) -> None:
    costing({"$argon2": 10.0, "": 40.0})
    pool = passwords()
    await pool.verify(PASSWORD, SCRYPT)
    clock = iter([1000.0, 1025.0])
    clocked = SimpleNamespace(monotonic=lambda: next(clock))
    monkeypatch.setattr(module, "time", clocked)
    monkeypatch.setattr("app.auth.equal_time.time", clocked)
    await pool.verify("wrong", ARGON2ID)
    assert slept == [35.0]


async def test_kind_that_another_server_adds_raises_the_floor(
    slept: list[float], costing: Costing
) -> None:
    costing({"$argon2": 10.0, "": 40.0})
    pool = passwords()
    await pool.verify("wrong", ARGON2ID)
    await pool.verify("wrong", SCRYPT)
    await pool.verify("wrong", ARGON2ID)
    assert slept == [0.0, 60.0, 60.0]


async def test_kinds_of_the_table_are_measured_before_the_first_refusal_is_answered(
    slept: list[float],
) -> None:
    pool = passwords(decoys=list_decoys(["scrypt", "bcrypt"]))
    await pool.verify("wrong", None)
    await pool.verify("wrong", None)
    assert slept[1] > 0


async def test_right_password_never_waits(slept: list[float]) -> None:
    assert await passwords(decoys=list_decoys(["scrypt"])).verify(PASSWORD, ARGON2ID)
    assert slept == []


@pytest.mark.parametrize(
    ("preferred", "upgrade", "stored", "made"),
    [
        (Kind.ARGON2ID, True, SCRYPT, "$argon2id$"),
        (Kind.ARGON2ID, False, SCRYPT, None),
        (Kind.ARGON2ID, True, ARGON2ID, None),
        (Kind.SCRYPT, True, SCRYPT, None),
    ],
)
async def test_hash_is_made_anew_only_when_outdated_and_wanted(
    preferred: Kind, upgrade: bool, stored: str, made: str | None
) -> None:
    better = await passwords(preferred, upgrade=upgrade).upgrade(PASSWORD, stored)
    assert (better is None) == (made is None)
    assert (better or "").startswith(made or "")


async def test_full_queue_refuses_at_once_and_says_when_to_come_back(
    gate: threading.Event,
) -> None:
    gate.set()
    pool = passwords(threads=1)
    gate.clear()
    waiting = [asyncio.create_task(pool.hash(str(n))) for n in range(1 + QUEUED_PER_THREAD)]
    await asyncio.sleep(0)
    for refused in (pool.hash("x"), pool.verify("x", None), pool.verify("x", ARGON2ID)):
        with pytest.raises(HashingOverloaded) as refusal:
            await refused
        assert refusal.value.headers == [("retry-after", "1")]
    gate.set()
    assert len(await asyncio.gather(*waiting)) == 1 + QUEUED_PER_THREAD
    assert await pool.hash("again")


async def test_failed_hash_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = passwords(threads=1)

    def broken(password: str, scheme: Scheme) -> str:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(module, "make", broken)
        for _ in range(2 + QUEUED_PER_THREAD):
            with pytest.raises(MemoryError):
                await pool.hash("x")
    assert await pool.hash("x")


async def test_event_loop_goes_on_while_a_hash_runs(gate: threading.Event) -> None:
    gate.set()
    pool = passwords()
    gate.clear()
    hashing = asyncio.create_task(pool.hash("x"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not hashing.done()
    gate.set()
    assert await hashing == "argon2id:x"


async def test_closing_drops_what_is_queued(gate: threading.Event) -> None:
    gate.set()
    pool = passwords(threads=1)
    gate.clear()
    running, queued = (asyncio.create_task(pool.hash(n)) for n in "ab")
    await asyncio.sleep(0)
    pool.close()
    gate.set()
    assert await running
    with pytest.raises(asyncio.CancelledError):
        await queued


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority")
async def test_hash_threads_give_way_to_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def noting(_: str, __: Scheme) -> str:
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return "hash"

    monkeypatch.setattr(module, "make", noting)
    await passwords(threads=1).hash(PASSWORD)
    assert seen[0] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
