"""The base of classes of handlers."""

from typing import Self


class RouteGroup:
    """Handlers as methods, so that they use `self`.

    Litestar deep-copies the handlers of a router, but this object must stay one.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self
