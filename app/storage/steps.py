"""Transactions that are known before they begin: a list of steps, which a store can join.

A step that waits for an answer costs a visit to a thread on SQLite and a round trip on PostgreSQL.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeGuard

from msgspec import Struct
from sqlalchemy import Insert, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models.errors import Refusal

AnySelect = Select[*tuple[object, ...]]


class Check(Struct, frozen=True):
    """A query whose answer decides: without a row, with `unless` with one, `refusal` is raised.

    It finds one row at most. Keep `statement`: it is compiled once.
    """

    statement: AnySelect
    parameters: Mapping[str, object]
    refusal: type[Refusal]
    unless: bool = False

    def judge(self, row: object) -> None:
        """Raises the refusal, if this first row of the query, or None, says so."""
        if (row is None) is not self.unless:
            raise self.refusal


class Row(Struct, frozen=True):
    """A row that is inserted. Keep `statement`, which has no values: it is compiled once.

    `receive` gets the row that the statement returns, if there is to be one.
    """

    statement: Insert
    values: Mapping[str, object]
    receive: Callable[[Sequence[object]], None] | None = None


class Call(Struct, frozen=True):
    """A function that needs the transaction itself, such as a hook."""

    function: Callable[[AsyncConnection], Awaitable[None]]


Step = Check | Row | Call


def can_join(steps: Sequence[Step]) -> TypeGuard[Sequence[Check | Row]]:
    """Whether no step needs the transaction itself."""
    return not any(isinstance(step, Call) for step in steps)


async def run_steps(tx: AsyncConnection, steps: Sequence[Step]) -> None:
    """Runs steps of `tx`, one after the other. Raises the refusal of a check."""
    for step in steps:
        match step:
            case Check(statement, parameters):
                step.judge((await tx.execute(statement, parameters)).first())
            case Row(statement, values, receive):
                done = await tx.execute(statement, values)
                if receive is not None:
                    receive(done.one())
            case Call(function):
                await function(tx)
