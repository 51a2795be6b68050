"""Finds routes below the base path like the original's router.

Source: rou3 as better-call 1.4.5 `createRouter` uses it: case-sensitive, on the pathname that is
still percent-encoded, a fixed segment before a parameter.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ..endpoint import Route
from ..rate_rule import Rule

_PARAMETER = "{"
_Methods = Mapping[str, Route]


class RouteTable:
    """Routes by template and method; a parameter stands for exactly one segment, not empty."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises ValueError for two endpoints, or two rate rules, at the same place."""
        found: defaultdict[str, dict[str, Route]] = defaultdict(dict)
        for route in routes:
            endpoint = route.endpoint
            if endpoint.method in found[endpoint.path]:
                raise ValueError(f"two endpoints are at {endpoint.method_and_path}")
            found[endpoint.path][endpoint.method] = route
        self._fixed = {path: methods for path, methods in found.items() if _PARAMETER not in path}
        self._open = [(p.split("/"), p, found[p]) for p in found if p not in self._fixed]
        self._open.sort(key=lambda entry: [s.startswith(_PARAMETER) for s in entry[0]])
        self._rules = _collect_rules(found)

    def find(self, path: str, method: str) -> Route | None:
        """The route of a path below the base path that answers `method`, if there is one."""
        fixed = self._fixed.get(path)  # most requests find their route here
        if fixed is not None and (route := fixed.get(method)) is not None:
            return route
        found = (methods.get(method) for _, methods in self._find_matching(path))
        return next((route for route in found if route is not None), None)

    def find_template(self, path: str) -> str | None:
        """The template that a path fits, whatever the method: what a log may hold."""
        if path in self._fixed:
            return path
        return next((template for template, _ in self._find_matching(path)), None)

    def find_rate_rule(self, path: str) -> Rule | None:
        """The rule that an endpoint at this path brings along."""
        template = self.find_template(path) if self._rules else None
        return None if template is None else self._rules.get(template)

    def _find_matching(self, path: str) -> Iterator[tuple[str, _Methods]]:
        fixed = self._fixed.get(path)
        if fixed is not None:
            yield path, fixed
        segments = path.split("/")
        for expected, template, methods in self._open:
            if _matches(expected, segments):
                yield template, methods


def _collect_rules(routes: Mapping[str, _Methods]) -> dict[str, Rule]:
    """Returns the rules by template. Raises ValueError if two endpoints have different ones."""
    rules: dict[str, Rule] = {}
    for path, methods in routes.items():
        different = {route.endpoint.rate_rule for route in methods.values()} - {None}
        if len(different) > 1:
            raise ValueError(f"two rate rules are at {path}: requests are counted by path")
        rules.update((path, rule) for rule in different if rule is not None)
    return rules


def _matches(template: list[str], segments: list[str]) -> bool:
    return len(template) == len(segments) and all(
        segment != "" if expected.startswith(_PARAMETER) else segment == expected
        for expected, segment in zip(template[1:], segments[1:], strict=True)
    )
