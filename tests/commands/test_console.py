"""Ctrl-C in a command that reads."""

import asyncio

import pytest

from app.commands.console import allow_interrupted_reads

pytestmark = pytest.mark.anyio


async def test_ctrl_c_just_before_a_read_ends_no_step_that_cleans_up() -> None:
    events: list[str] = []

    async def read() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            async with allow_interrupted_reads():
                events.append("read")
        finally:
            await asyncio.sleep(0)
            events.append("closed")

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(read())
    assert events == ["closed"]
