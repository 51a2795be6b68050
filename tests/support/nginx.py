"""A real nginx of the test's own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.support import programs
from tests.system.js_client.service import inherited

_MISSING: Final = "nginx is not installed: apt install nginx-light"
_AROUND: Final = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
{lines}
}}
"""


@contextmanager
def running_nginx(folder: Path, lines: str, port: int) -> Iterator[None]:
    """With these `lines` in `http`, of which one listens on this port of 127.0.0.1.

    Skips the test where none is installed, except in CI.
    """
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if nginx is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    proxy = folder / "nginx"
    proxy.mkdir()
    (proxy / "nginx.conf").write_text(_AROUND.format(lines=lines))
    command = [nginx, "-p", str(proxy), "-c", "nginx.conf"]
    with programs.running(command, inherited(), proxy, port):
        yield
