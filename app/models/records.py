"""User and session, as records and as JSON: fields in wire order, `id` last. And the client."""

from typing import Annotated, NamedTuple

from msgspec import UNSET, Meta, Struct

Timestamp = Annotated[
    str,
    Meta(
        description="UTC, three decimals.",
        examples=["2026-11-21T00:44:05.831Z"],
        extra_json_schema={"format": "date-time"},
    ),
]


class FieldAccess(Struct, frozen=True):
    """Reads fields by their names, for type checkers that do not know additional fields."""

    def __getitem__(self, name: str) -> object:
        """Returns a field by its attribute, such as an additional field. Raises KeyError."""
        if name not in self.__struct_fields__:
            raise KeyError(name)
        value: object = getattr(self, name)
        return None if value is UNSET else value


class Record(FieldAccess, frozen=True, kw_only=True):
    """Base of records. Keywords only, so that `id` stays last with additional fields."""

    id: str


class User(Record, frozen=True, rename="camel"):
    """A user of the service."""

    name: str
    email: str
    email_verified: bool
    image: str | None
    created_at: Timestamp
    updated_at: Timestamp


class Session(Record, frozen=True, rename="camel"):
    """A session of a user. Its `token` proves who makes a request."""

    expires_at: Timestamp
    token: str
    created_at: Timestamp
    updated_at: Timestamp
    ip_address: str | None
    user_agent: str | None
    user_id: str

    def __repr__(self) -> str:
        return f"Session(id={self.id!r}, user_id={self.user_id!r}, …)"  # never the token


class StoredSession(FieldAccess, frozen=True, rename="camel"):
    """A `Session` that is only in secondary storage, with the original's field order there."""

    id: str
    ip_address: str | None
    user_agent: str | None
    expires_at: Timestamp
    user_id: str
    token: str
    created_at: Timestamp
    updated_at: Timestamp

    def __repr__(self) -> str:
        return f"Session(id={self.id!r}, user_id={self.user_id!r}, …)"  # never the token


class Client(NamedTuple):
    """Client IP and user agent. An empty text means unknown."""

    ip: str
    user_agent: str


# Of the documentation.
ADA = User(
    name="Ada",
    email="ada@example.com",
    email_verified=False,
    image=None,
    created_at="2026-11-21T00:44:05.831Z",
    updated_at="2026-11-21T00:44:05.831Z",
    id="q6Gz2mVd0TnYb1Rk7XcW9sLf4HuJ8aEp",
)
ADAS_SESSION = Session(
    expires_at="2026-11-28T00:44:05.845Z",
    token="cB3xN8vQ1mZ6kT0yR5wJ2pL9sD4gH7fA",  # noqa: S106 - of nobody
    created_at="2026-11-21T00:44:05.845Z",
    updated_at="2026-11-21T00:44:05.845Z",
    ip_address="203.0.113.7",
    user_agent="Mozilla/5.0",
    user_id=ADA.id,
    id="e5Vt9Kb2Jw7Qx4Mn1Zp8Rc3Ly6Hs0Gd",
)
