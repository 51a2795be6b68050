"""Reads `METRICS_LISTEN`: an address of this machine, and a port."""

from ipaddress import ip_address
from typing import Final

from msgspec import Struct

EXAMPLE: Final = "127.0.0.1:9464 or [::1]:9464"
_MOST: Final = 65535


class ListenAddress(Struct, frozen=True):
    """Where to listen. `host` has no brackets."""

    host: str
    port: int


def parse_listen_address(text: str) -> ListenAddress:
    """Returns the address. Raises ValueError: one line, without the name of the variable."""
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdecimal()) or not 1 <= int(port[:6]) <= _MOST:
        raise ValueError(f"must be an address and a port from 1 to {_MOST}, such as {EXAMPLE}")
    bare = host.removeprefix("[").removesuffix("]")
    if (":" in bare) is not (host == f"[{bare}]") or not _is_host(bare):
        raise ValueError(
            f"must have an address of this machine before the port, such as {EXAMPLE};"
            " 0.0.0.0 stands for all"
        )
    return ListenAddress(bare, int(port))


def _is_host(text: str) -> bool:
    if text == "localhost":
        return True
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text
