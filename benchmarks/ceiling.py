"""What the load generator reaches at most: no figure near it says anything about a server."""

import sys
import tempfile
from pathlib import Path

from benchmarks import cores
from benchmarks.contestants import Way
from benchmarks.http import Request
from benchmarks.rows import Plan
from benchmarks.streams import Load, Stream
from benchmarks.trivial import BODY
from tests.support import programs
from tests.system.js_client import service


def ceiling(plan: Plan) -> float:
    """Answers a second of a server that does nothing."""
    port, on = programs.free_port(), Way().cores
    command = [sys.executable, "-m", "benchmarks.trivial", str(port)]
    request = Request(path="/").wire(port)
    load = Load(
        port=port,
        streams=[Stream(requests=[request], expected=BODY)],
        seconds=plan.seconds,
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        cores.on(on.server),
        programs.running(command, service.inherited(), Path(folder), port),
    ):
        (outcome,) = plan.generator.run(load, on.rest)
    return outcome.rate
