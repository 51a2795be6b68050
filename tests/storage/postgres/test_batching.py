"""Look-ups that wait together are made together, and nobody waits long."""

import asyncio
from collections.abc import Sequence

import pytest

from app.storage.postgres import batching
from app.storage.postgres.batching import BATCH_SIZE, CONCURRENT_BATCHES, BatchFailed, BatchLoader

pytestmark = pytest.mark.anyio


class Store:
    """Answers each call when it is told to; a key has its capitals, but "nothing" has none."""

    def __init__(self) -> None:
        self.calls: list[Sequence[str]] = []
        self._gates: list[asyncio.Event] = []
        self._called = asyncio.Condition()
        self.fault: Exception | None = None

    async def find(self, keys: Sequence[str]) -> Sequence[str | None]:
        gate = asyncio.Event()
        self.calls.append(list(keys))
        self._gates.append(gate)
        async with self._called:
            self._called.notify_all()
        await gate.wait()
        if self.fault is not None:
            raise self.fault
        return [None if key == "nothing" else key.upper() for key in keys]

    async def called(self, times: int) -> None:
        async with self._called:
            await self._called.wait_for(lambda: len(self.calls) == times)

    def answer(self, call: int) -> None:
        self._gates[call].set()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no slow machine makes a call look slow."""
    monkeypatch.setattr(batching, "BATCH_WAIT", 3600)


def asking(of: BatchLoader[str], *keys: str) -> list[asyncio.Task[str | None]]:
    return [asyncio.create_task(of.find(key)) for key in keys]


async def test_keys_of_one_turn_are_one_call(store: Store) -> None:
    asked = asking(BatchLoader(store.find), "a", "nothing", "a", "b")
    await store.called(1)
    store.answer(0)
    assert await asyncio.gather(*asked) == ["A", None, "A", "B"]
    assert store.calls == [["a", "nothing", "a", "b"]]


@pytest.mark.usefixtures("patient")
async def test_key_that_comes_later_is_not_answered_by_an_earlier_call(store: Store) -> None:
    of = BatchLoader(store.find)
    (first,) = asking(of, "a")
    await store.called(1)
    later = asking(of, "a", "b")
    store.answer(0)
    assert await first == "A"
    await store.called(2)
    assert not any(each.done() for each in later)
    store.answer(1)
    assert await asyncio.gather(*later) == ["A", "B"]
    assert store.calls == [["a"], ["a", "b"]]


async def test_slow_answer_holds_nobody_up(store: Store) -> None:
    of = BatchLoader(store.find)
    (slow,) = asking(of, "a")
    await store.called(1)
    (quick,) = asking(of, "b")
    await store.called(2)
    store.answer(1)
    assert await quick == "B"
    assert not slow.done()
    store.answer(0)
    assert await slow == "A"


async def test_so_many_calls_are_on_their_way_and_no_more(store: Store) -> None:
    of = BatchLoader(store.find)
    asked = []
    for number in range(CONCURRENT_BATCHES):
        asked += asking(of, f"k{number}")
        await store.called(number + 1)
    asked += asking(of, "late", "later")
    await asyncio.sleep(batching.BATCH_WAIT * 2)  # nothing tells that nothing happens
    assert len(store.calls) == CONCURRENT_BATCHES
    store.answer(0)
    await store.called(CONCURRENT_BATCHES + 1)
    assert store.calls[-1] == ["late", "later"]
    for call in range(1, CONCURRENT_BATCHES + 1):
        store.answer(call)
    assert (await asyncio.gather(*asked))[-2:] == ["LATE", "LATER"]


async def test_who_waits_too_long_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "LONGEST_WAIT", 0.01)
    of = BatchLoader(store.find)
    slow = []
    for number in range(CONCURRENT_BATCHES):
        slow += asking(of, f"k{number}")
        await store.called(number + 1)
    with pytest.raises(TimeoutError):
        await of.find("late")
    assert len(store.calls) == CONCURRENT_BATCHES
    for call in range(CONCURRENT_BATCHES):
        store.answer(call)
    assert await slow[0] == "K0"


@pytest.mark.usefixtures("patient")
async def test_crowd_beyond_a_portion_waits_for_no_slow_one(store: Store) -> None:
    asked = asking(BatchLoader(store.find), *(f"k{number}" for number in range(BATCH_SIZE + 1)))
    await store.called(2)
    store.answer(1)
    assert await asked[BATCH_SIZE] == f"K{BATCH_SIZE}"
    assert not asked[0].done()
    store.answer(0)
    await asyncio.gather(*asked)


@pytest.mark.usefixtures("patient")
async def test_nobody_is_asked_for_after_leaving(store: Store) -> None:
    of = BatchLoader(store.find)
    (first,) = asking(of, "a")
    await store.called(1)
    leaving, staying = asking(of, "b", "c")
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    store.answer(0)
    await store.called(2)
    store.answer(1)
    assert (await first, await staying) == ("A", "C")
    assert store.calls == [["a"], ["c"]]


@pytest.mark.parametrize("answers", [["A"], ["A", "B", "C"]], ids=["few", "many"])
async def test_wrong_number_of_answers_leaves_nobody_hanging(answers: list[str]) -> None:
    async def find(_: Sequence[str]) -> Sequence[str]:
        return answers

    said = await asyncio.gather(*asking(BatchLoader(find), "a", "b"), return_exceptions=True)
    assert all(isinstance(one, BatchFailed) for one in said)


async def test_end_of_the_task_leaves_nobody_hanging() -> None:
    async def find(_: Sequence[str]) -> Sequence[str]:
        raise asyncio.CancelledError

    said = await asyncio.gather(*asking(BatchLoader(find), "a", "b"), return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in said)


async def test_crowd_is_asked_for_in_portions(store: Store) -> None:
    asked = asking(BatchLoader(store.find), *(f"k{number}" for number in range(BATCH_SIZE + 1)))
    await store.called(2)
    store.answer(0)
    store.answer(1)
    assert await asyncio.gather(*asked) == [f"K{number}" for number in range(BATCH_SIZE + 1)]
    assert [len(call) for call in store.calls] == [BATCH_SIZE, 1]


@pytest.mark.usefixtures("patient")
async def test_fault_is_everybodys_as_an_exception_of_their_own(store: Store) -> None:
    of = BatchLoader(store.find)
    asked, store.fault = asking(of, "a", "b"), OSError("away")
    await store.called(1)
    store.answer(0)
    one, other = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(one, BatchFailed)
    assert isinstance(other, BatchFailed)
    assert one is not other
    assert one.fault is other.fault is store.fault


@pytest.mark.usefixtures("patient")
async def test_fault_ends_with_the_call(store: Store) -> None:
    of = BatchLoader(store.find)
    (asked,), store.fault = asking(of, "a"), OSError("away")
    await store.called(1)
    store.answer(0)
    await asyncio.wait([asked])
    assert isinstance(asked.exception(), BatchFailed)
    store.fault = None
    (again,) = asking(of, "a")
    await store.called(2)
    store.answer(1)
    assert await again == "A"


@pytest.mark.usefixtures("patient")
async def test_asker_who_leaves_takes_nothing_from_the_others(store: Store) -> None:
    leaving, staying = asking(BatchLoader(store.find), "a", "b")
    await store.called(1)
    leaving.cancel()
    store.answer(0)
    assert await staying == "B"
