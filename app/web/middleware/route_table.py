"""Finds routes below the base path like the original's router.

Source: rou3 as better-call 1.4.5 `createRouter` uses it: case-sensitive, on the pathname that is
still percent-encoded, a fixed segment before a parameter.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

_PARAMETER = "{"


class Route(Struct, frozen=True):
    """A template such as `/reset-password/{token}`, and its methods."""

    template: str
    methods: frozenset[str]


class RouteTable:
    """The routes. A parameter is exactly one segment, which is not empty."""

    def __init__(self, methods: Mapping[str, frozenset[str]]) -> None:
        routes = [Route(template, allowed) for template, allowed in methods.items()]
        self._fixed = {r.template: r for r in routes if _PARAMETER not in r.template}
        self._open = [(r.template.split("/"), r) for r in routes if r.template not in self._fixed]
        self._open.sort(key=lambda entry: [segment.startswith(_PARAMETER) for segment in entry[0]])

    def __contains__(self, path: object) -> bool:
        """Whether a route without parameters has this path."""
        return path in self._fixed

    def find(self, path: str, method: str) -> Route | None:
        """Returns the route of a path for `method`, or None."""
        return next((r for r in self._matching(path) if method in r.methods), None)

    def template_of(self, path: str) -> str | None:
        """Returns the template of a path for any method, or None. It may be logged."""
        return next((route.template for route in self._matching(path)), None)

    def _matching(self, path: str) -> Iterator[Route]:
        fixed = self._fixed.get(path)
        if fixed is not None:
            yield fixed
        segments = path.split("/")
        yield from (route for template, route in self._open if _fits(template, segments))


def _fits(template: list[str], segments: list[str]) -> bool:
    return len(template) == len(segments) and all(
        segment != "" if wanted.startswith(_PARAMETER) else segment == wanted
        for wanted, segment in zip(template[1:], segments[1:], strict=True)
    )
