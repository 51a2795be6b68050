import pytest

from app.settings.environment import SettingsError, read_settings
from app.settings.listen_address import ListenAddress, parse_listen_address
from tests.support.secret import STRONG_SECRET


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9464", "127.0.0.1", 9464),
        ("0.0.0.0:1", "0.0.0.0", 1),  # noqa: S104  # no socket is opened
        ("[::1]:65535", "::1", 65535),
        ("[::]:9464", "::", 9464),
        ("localhost:9464", "localhost", 9464),
    ],
)
def test_address_and_port_are_read(text: str, host: str, port: int) -> None:
    assert parse_listen_address(text) == ListenAddress(host, port)


@pytest.mark.parametrize(
    "text",
    [
        *("9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536"),
        *("127.0.0.1:٩", "::1:9464", "[::1]", "[127.0.0.1]:9464", "[::1:9464", "::1]:9464"),
        *("example.com:9464", "http://127.0.0.1:9464", "[fe80::1%eth0]:9464", "1.2.3:9464"),
        *("127.0.0.1:99999999999999999999", "127.0.0.1:+1", "*:9464", "on", "true"),
    ],
)
def test_anything_else_is_one_line_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({"METRICS_LISTEN": text})
    (line,) = refused.value.lines
    assert line.startswith("METRICS_LISTEN must ")
    assert "127.0.0.1:9464" in line


@pytest.mark.parametrize("given", [{"METRICS_LISTEN": "127.0.0.1:8000"}, {"PORT": "9464"}])
def test_public_port_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^METRICS_LISTEN has the port of PORT \(\d+\)"):
        read({"METRICS_LISTEN": "[::1]:9464", **given})


def read(given: dict[str, str]) -> None:
    read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, **given}, dotenv=None)
