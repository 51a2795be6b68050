import asyncio

import pytest

from app.auth.background_tasks import BackgroundTasks
from app.models.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


async def test_work_begins_when_the_answer_is_on_its_way() -> None:
    background, done = BackgroundTasks(), []

    async def work() -> None:
        done.append("work")

    background.start(work())
    done.append("answer")
    await background.finish()
    assert done == ["answer", "work"]


async def test_failure_is_a_line_without_the_words_of_the_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise StoreUnavailable

    background = BackgroundTasks()
    background.start(fail())
    await background.finish()
    (line,) = caplog.records
    assert line.message == "work after an answer failed"
    assert line.__dict__["facts"] == {"fault": "StoreUnavailable"}


async def test_no_more_is_taken_than_can_be_borne(caplog: pytest.LogCaptureFixture) -> None:
    background, done, go = BackgroundTasks(most=2), [], asyncio.Event()

    async def wait(number: int) -> None:
        await go.wait()
        done.append(number)

    for number in range(3):
        background.start(wait(number))
    go.set()
    await background.finish()
    assert done == [0, 1]
    assert [line.message for line in caplog.records] == ["work after an answer dropped"]


async def test_end_waits_no_longer_than_it_may() -> None:
    background = BackgroundTasks()
    background.start(asyncio.sleep(60))
    await asyncio.wait_for(background.finish(0.01), 10)


async def test_end_waits_for_work_that_work_starts_and_ends_pauses() -> None:
    background, done = BackgroundTasks(), []

    async def work(more: int) -> None:
        await background.pause(60)
        done.append(more)
        if more:
            background.start(work(more - 1))

    background.start(work(2))
    await asyncio.wait_for(background.finish(), 10)
    assert done == [2, 1, 0]


async def test_pause_that_is_cancelled_as_it_ends_is_cancelled() -> None:
    background = BackgroundTasks()
    for turns in range(5):
        pause = asyncio.create_task(background.pause(60))
        await asyncio.sleep(0.01)
        await background.finish()
        for _ in range(turns):
            await asyncio.sleep(0)
        was_waiting = pause.cancel()
        await asyncio.wait([pause])
        assert pause.cancelled() == was_waiting
