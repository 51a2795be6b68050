"""The lines for nginx, before a running service."""

import json
import re
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.support import programs
from tests.support.nginx import running_nginx
from tests.support.pages import block
from tests.system.js_client import service

_SERVER = """
server {{
  listen 127.0.0.1:{port};
  location / {{ return 404; }}
{lines}
}}
"""


def test_lines_for_nginx_pass_on_sign_ups_and_who_asks_and_nothing_else(tmp_path: Path) -> None:
    port = programs.free_port()
    own = {"BETTER_AUTH_URL": f"http://localhost:{port}"}
    own["BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES"] = "127.0.0.1,::1"
    with service.running("sqlite:///auth.db", tmp_path, TASK_API="true", **own) as running:
        lines = block("docs/front-ends.md", "One origin", "nginx")
        lines = re.sub("8000", running.url.rpartition(":")[2], lines)
        with running_nginx(tmp_path, _SERVER.format(port=port, lines=lines), port):
            token = _sign_up(f"http://127.0.0.1:{port}")
            shown = _ask(f"http://127.0.0.1:{port}/api/auth/list-sessions", token)
            assert [each["ipAddress"] for each in json.loads(shown)] == ["203.0.113.7"]
            with pytest.raises(HTTPError, match="404"):
                _ask(f"http://127.0.0.1:{port}/api/tasks", token)


def _sign_up(origin: str) -> str:
    person = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}
    # As a proxy before nginx would say it, which is trusted because it is on this machine.
    headers = {"content-type": "application/json", "x-forwarded-for": "203.0.113.7"}
    url = f"{origin}/api/auth/sign-up/email"
    with urlopen(Request(url, json.dumps(person).encode(), headers), timeout=30) as answer:  # noqa: S310
        return str(answer.headers["set-auth-token"])


def _ask(url: str, token: str) -> bytes:
    headers = {"authorization": f"Bearer {token}"}
    with urlopen(Request(url, headers=headers), timeout=30) as answer:  # noqa: S310
        return bytes(answer.read())
