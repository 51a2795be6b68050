"""The files that `docs/deploying.md` shows for hosts and proxies."""

import json
import re
import ssl
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

from app.server.plugins import read_settings
from app.settings.settings import Settings
from tests.support import programs
from tests.support.nginx import running_nginx
from tests.support.pages import ROOT, block
from tests.support.secret import STRONG_SECRET
from tests.system.js_client import service

from .ending import LONGEST

READY = "/health/ready"


def test_checked_path_is_one_of_the_service() -> None:
    assert READY in json.loads((ROOT / "openapi.json").read_text())["paths"]


def test_file_for_fly_has_settings_and_lets_it_drain() -> None:
    told = tomllib.loads(block("docs/deploying.md", "Fly", "toml"))
    settings = _read_settings(told["env"])
    assert _get_addresses(settings) == _find_addresses("on Fly")
    assert settings.rate_limit_storage == "database", "two machines"
    assert told["kill_signal"] == "SIGTERM"
    assert told["kill_timeout"] > LONGEST
    assert told["http_service"]["internal_port"] == _get_port()
    assert [each["path"] for each in told["http_service"]["checks"]] == [READY]


def test_file_for_render_has_settings() -> None:
    told = yaml.safe_load(block("docs/deploying.md", "Render", "yaml"))
    (web,) = told["services"]
    given = {each["key"]: each for each in web["envVars"]}
    settings = _read_settings({k: each["value"] for k, each in given.items() if "value" in each})
    assert _get_addresses(settings) == _find_addresses("on Render")
    assert given["DATABASE_URL"]["fromDatabase"]["name"] == told["databases"][0]["name"]
    assert given["BETTER_AUTH_SECRET"]["generateValue"] is True
    assert web["healthCheckPath"] == READY


def test_file_for_railway_lets_it_drain() -> None:
    told = json.loads(block("docs/deploying.md", "Railway", "json"))["deploy"]
    assert told["healthcheckPath"] == READY
    assert told["drainingSeconds"] > LONGEST
    lines = block("docs/deploying.md", "Railway", "sh").splitlines()
    settings = _read_settings(dict(line.split("=", 1) for line in lines))
    assert _get_addresses(settings) == _find_addresses("on Railway")


def test_lines_for_nginx_serve_https(tmp_path: Path) -> None:
    port = programs.free_port()
    own = {"BETTER_AUTH_URL": f"https://localhost:{port}"}
    with service.running("sqlite:///auth.db", tmp_path, **own) as running:
        lines = block("docs/deploying.md", "systemd", "nginx").replace("443", f"127.0.0.1:{port}")
        lines = lines.replace("8000", running.url.rpartition(":")[2])
        lines = lines.replace("/etc/letsencrypt/live/auth.example.com", str(tmp_path))
        _write_certificate(tmp_path)
        with running_nginx(tmp_path, lines, port):
            trusted = ssl.create_default_context(cafile=tmp_path / "fullchain.pem")
            url = f"https://localhost:{port}/api/auth/ok"
            with urlopen(url, timeout=30, context=trusted) as answer:
                assert answer.read() == b'{"ok":true}'


def _write_certificate(folder: Path) -> None:
    """One that signs itself."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    files = ("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command: list[str | Path] = ["openssl", "req", "-x509", "-days", "2", *key, *files, *names]
    subprocess.run(command, check=True, capture_output=True)


def _read_settings(given: dict[str, Any]) -> Settings:
    secret = {"BETTER_AUTH_SECRET": STRONG_SECRET}
    return read_settings(secret | {name: str(text) for name, text in given.items()}, dotenv=None)


def _get_addresses(settings: Settings) -> tuple[set[str], set[str]]:
    found = settings.advanced.ip_address
    return set(map(str, found.trusted_proxies)), set(found.ip_address_headers)


def _find_addresses(host: str) -> tuple[set[str], set[str]]:
    """The proxies, and the header, of a row in the table of docs/rate-limits.md."""
    text = (ROOT / "docs" / "rate-limits.md").read_text()
    row = re.search(rf"^\| {host} \| `([^`]+)` \| `([^`]+)`", text, re.MULTILINE)
    assert row is not None
    return set(row[1].split(",")), {row[2]}


def _get_port() -> int:
    """On which the image listens."""
    port = re.search(r"^EXPOSE (\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert port is not None
    return int(port[1])
