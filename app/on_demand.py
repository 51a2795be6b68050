"""Parts that only some settings need, so that the others don't carry their libraries in memory."""

from importlib import import_module
from operator import attrgetter


def part(path: str) -> object:
    """What `module:name` names, imported now. The caller says of what type it is."""
    module, _, name = path.partition(":")
    found: object = attrgetter(name)(import_module(module))
    return found
