"""nginx in front of all nodes, and what it answered."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

from tests.support.nginx import running_nginx
from tests.support.pages import block
from tests.system.faults.site import Client


class Front(Client):
    """Who asks all nodes, as a browser does."""

    def __init__(self, port: int, database_url: str) -> None:
        super().__init__(port, database_url)
        self.refused: Counter[tuple[int, str, bool]] = Counter()  # status, code, has Retry-After
        self._lock = threading.Lock()

    def send(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, Message, bytes]:
        status, headers, text = super().send(method, path, body, token)
        if status >= 400:
            with self._lock:
                self.refused[status, _read_code(text), "Retry-After" in headers] += 1
        return status, headers, text


@contextmanager
def running_front(front: Front, folder: Path, ports: Sequence[int]) -> Iterator[None]:
    """nginx passes each request to the next port, all of which must answer by now."""
    lines = block("docs/scaling.md", "In front of them", "nginx")
    lines = lines.replace("listen 80;", f"listen 127.0.0.1:{front.port};")
    for at, port in enumerate(ports, start=1):
        lines = lines.replace(f"10.0.0.{at}:8000", f"127.0.0.1:{port}")
    with running_nginx(folder, lines, front.port):
        yield


def _read_code(text: bytes) -> str:
    try:
        return str(json.loads(text).get("code"))
    except (ValueError, AttributeError):
        return "no JSON"
