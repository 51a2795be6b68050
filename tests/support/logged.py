"""What the service logged, for tests: the fixtures `output` and `log` are in conftest.py."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

Lines = Callable[[], list[dict[str, Any]]]


@contextmanager
def captured(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard output, with the logging of the test run put back afterwards."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    monkeypatch.setattr(sys, "stdout", stream)
    yield stream
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


def parsed(output: io.StringIO) -> list[dict[str, Any]]:
    """Its lines, which are JSON."""
    return [json.loads(line) for line in output.getvalue().splitlines()]
