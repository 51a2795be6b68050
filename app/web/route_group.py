"""What the classes of handlers have in common."""

from typing import Self


class RouteGroup:
    """Handlers as methods, so that they read their collaborators from `self`.

    Litestar deep-copies the handlers of a router; what they belong to must stay one.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self
