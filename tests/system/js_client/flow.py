"""A flow in the browser: `flows/<name>.mjs`, and what a test sees of it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import node

from .service import PAGE, Service

Result = Any  # the JSON that a flow printed
Flow = Callable[[str], Result]

HERE = Path(__file__).parent
FLOW_SECONDS = 60


def run_flow(service: Service, name: str) -> Result:
    """What the flow returned against this service."""
    node.install(HERE)
    script = [str(HERE / "run.mjs"), name, service.url, PAGE, str(service.mails)]
    command = [str(node.node()), *script]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=FLOW_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
