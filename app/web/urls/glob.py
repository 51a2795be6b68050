"""Wildcard patterns of Better Auth (`wildcardMatch`, 1.7.25)."""

import re

_ANY = r"[^/\\]"
_SEPARATOR = r"[/\\]"


def compile_glob(pattern: str) -> re.Pattern[str]:
    r"""A pattern to `fullmatch` with: `*` is any run and `?` one character, neither `/` nor `\`.

    A segment `**` crosses separators, a backslash takes the next character literally.
    """
    segments = pattern.split("/")
    result = ""
    for place, segment in enumerate(segments):
        following = segments[place + 1 : place + 2]
        if segment == "**":
            result += _match_segments(place, following)
        elif segment or place == 0:
            result += _translate(segment) + _end(following)
    return re.compile(result, re.DOTALL)


def _translate(segment: str) -> str:
    result, escaped = "", False
    for character in re.sub(r"(?<!\\)\*+", "*", segment):
        if escaped or character not in "*?\\":
            result += re.escape(character)
        elif character != "\\":
            result += _ANY + ("*" if character == "*" else "")
        escaped = character == "\\" and not escaped
    return result


def _match_segments(place: int, following: list[str]) -> str:
    if not following:
        return ".*"
    if following == ["**"]:
        return ""
    return (_SEPARATOR + "+" if place else "") + f"(?:.*{_SEPARATOR})?"


def _end(following: list[str]) -> str:
    if not following:
        return _SEPARATOR + "*"
    return "" if following == ["**"] else _SEPARATOR + "+"
