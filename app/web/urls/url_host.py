"""Parses hosts like the WHATWG URL standard: names, all forms of IPv4, IPv6."""

import re
import unicodedata
from ipaddress import IPv6Address
from urllib.parse import unquote_to_bytes

_FORBIDDEN_IN_OPAQUE = re.compile(r"[\x00\t\n\r #/:<>?@\[\\\]^|]")
_FORBIDDEN_IN_DOMAIN = re.compile(rb"[\x00-\x20\x7f#/:<>?@\[\\\]^|%]")
_IPV4_PART = re.compile(r"0x(?P<hex>[0-9a-f]*)|0(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*)")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.DOTALL)
_LONGEST_IPV4_PART = 60
# RFC 1035, 2.3.4; Node takes longer ones, but reading Punycode takes time by the length squared.
_LONGEST_DOMAIN = 253
_LONGEST_LABEL = 63
_LONGEST_ENCODED = 3 * _LONGEST_DOMAIN  # every character as %XX


def parse_special_host(text: str) -> str | None:
    """Returns the host of an http(s) URL. None if invalid or not ASCII (see `parse_url`).

    Also None for a name that DNS does not allow.
    """
    if len(text) > _LONGEST_ENCODED:
        return None
    if text.startswith("["):
        return _parse_ipv6(text)
    decoded = unquote_to_bytes(text) if text.isascii() else b""
    if not decoded or not decoded.isascii() or _FORBIDDEN_IN_DOMAIN.search(decoded):
        return None
    domain = decoded.decode("ascii").lower()
    if len(domain) > _LONGEST_DOMAIN:
        return None
    if _ENDS_IN_NUMBER.fullmatch(domain):
        return _parse_ipv4(domain)
    return domain if all(map(_is_label, domain.split("."))) else None


def parse_opaque_host(text: str) -> str | None:
    """Returns the host of a URL with an unknown scheme. Case is kept."""
    if text.startswith("["):
        return _parse_ipv6(text)
    if _FORBIDDEN_IN_OPAQUE.search(text):
        return None
    return "".join([c if " " < c < "\x7f" else _encode_percent(c) for c in text])


def _is_label(label: str) -> bool:
    """Whether a label has a valid length and, with `xn--`, decodes (close to IDNA)."""
    if len(label) > _LONGEST_LABEL:
        return False
    if not label.startswith("xn--"):
        return True
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    kinds = "".join(map(unicodedata.category, decoded))
    if decoded.isascii() or kinds.startswith("M") or "C" in kinds:
        return False
    if unicodedata.normalize("NFKC", decoded.lower()) != decoded:
        return False
    return decoded.encode("punycode").decode("ascii") == label[4:]


def _encode_percent(character: str) -> str:
    return "".join([f"%{byte:02X}" for byte in character.encode("utf-8", "replace")])


def _parse_ipv4(domain: str) -> str | None:
    numbers = [_parse_ipv4_number(part) for part in domain.removesuffix(".").split(".")]
    *head, last = [-1 if number is None else number for number in numbers]
    if len(head) > 3 or not 0 <= last < 256 ** (4 - len(head)):  # noqa: PLR2004
        return None
    if any(not 0 <= number <= 255 for number in head):  # noqa: PLR2004
        return None
    address = last + sum(number << 8 * (3 - place) for place, number in enumerate(head))
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _parse_ipv4_number(part: str) -> int | None:
    found = _IPV4_PART.fullmatch(part)
    if found is None or len(part.lstrip("0")) > _LONGEST_IPV4_PART:
        return None
    if found["hex"] is not None:
        return int(found["hex"] or "0", 16)
    return int(found["octal"], 8) if found["octal"] else int(found["decimal"])


def _parse_ipv6(text: str) -> str | None:
    if not text.endswith("]") or "%" in text:
        return None
    try:
        address = IPv6Address(text[1:-1])
    except ValueError:
        return None
    pieces = [f"{int(address) >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    return f"[{_compress(pieces)}]"


def _compress(pieces: list[str]) -> str:
    """Writes the first longest run of zeros as `::` (WHATWG "IPv6 serializer")."""
    runs = re.finditer(r"\b0(?::0)+\b", text := ":".join(pieces))
    longest = max(runs, key=lambda run: run.end() - run.start(), default=None)
    if longest is None:
        return text
    return text[: longest.start()].rstrip(":") + "::" + text[longest.end() :].lstrip(":")
