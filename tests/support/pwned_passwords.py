"""The range API of Have I Been Pwned, which knows what a test says of some passwords."""

import hashlib
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BREACHED = "password123"
PADDED = "a password of the padding"  # such a line has the count 0
GARBLED = "a password with a strange count"
DOWN = "a password that nobody can ask for"
_COUNTS = {BREACHED: "3730471", PADDED: "0", GARBLED: "12e3"}


def _digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def answer(prefix: str) -> tuple[int, str]:
    """The status and the lines for the first five characters of a hash."""
    if _digest(DOWN).startswith(prefix):
        return 503, ""
    found = [
        f"{_digest(password)[5:]}:{count}"
        for password, count in _COUNTS.items()
        if _digest(password).startswith(prefix)
    ]
    return 200, "\r\n".join(["0018A45C4D1DEF81644B54AB7F969B88D65:1", *found])


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, text = answer(self.path.rpartition("/")[2])
        asked.append((self.path, dict(self.headers)))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing."""


asked: list[tuple[str, dict[str, str]]] = []


@cache
def serve() -> str:
    """Its URL. It runs until this process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/range/"
