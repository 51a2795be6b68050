"""Names of roles: stored with commas, sent as a text or as a list."""

from collections.abc import Sequence
from typing import Final

# What JavaScript trims. Python trims more: a role that a Node server keeps apart from `owner` would
# become `owner` here.
_SPACES: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def parse_role_names(roles: str | Sequence[str] | None) -> list[str]:
    """Returns the names without spaces around them. Source: `parseRoleList`."""
    listed = [roles] if isinstance(roles, str) else roles or ()
    names = (name.strip(_SPACES) for each in listed for name in each.split(","))
    return [name for name in names if name]


def join_role_names(names: Sequence[str]) -> str:
    """Returns the text that is stored. Source: `parseRoles`."""
    return ",".join(names)
