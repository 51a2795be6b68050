"""The user of a verified token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .errors import ForbiddenUser

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """A verified user. `user["sub"]` reads any claim and raises KeyError without it."""

    id: str
    """The `sub` claim: the row id in the `user` table."""
    email: str | None
    name: str | None
    session_id: str | None
    """The `sid` claim: the row id in the `session` table, not the session token."""
    claims: Claims = field(repr=False, hash=False)

    @classmethod
    def of(cls, claims: Claims) -> "User":
        """Returns the user of checked claims. Claims of a wrong type count as absent."""
        return cls(
            id=claims["sub"],
            email=_read_text(claims.get("email")),
            name=_read_text(claims.get("name")),
            session_id=_read_text(claims.get("sid")),
            claims=MappingProxyType(dict(claims)),
        )

    def __getitem__(self, claim: str) -> Any:  # noqa: ANN401 - a claim is any JSON
        return self.claims[claim]


def require_path_user(user: User, user_id: str) -> None:
    """Raises ForbiddenUser if the path's `user_id` is not exactly the token's `sub`."""
    if user_id != user.id:
        raise ForbiddenUser


def _read_text(value: object) -> str | None:
    return value if isinstance(value, str) else None
