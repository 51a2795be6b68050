"""A user and a session as they are read and as they stand in JSON: in wire order, `id` last."""

from typing import Annotated

from msgspec import Meta, Struct

Moment = Annotated[
    str,
    Meta(
        description="UTC, three decimals.",
        examples=["2026-11-21T00:44:05.831Z"],
        extra_json_schema={"format": "date-time"},
    ),
]


class User(Struct, frozen=True, rename="camel"):
    name: str
    email: str
    email_verified: bool
    image: str | None
    created_at: Moment
    updated_at: Moment
    id: str


class Session(Struct, frozen=True, rename="camel"):
    expires_at: Moment
    token: str
    created_at: Moment
    updated_at: Moment
    ip_address: str | None
    user_agent: str | None
    user_id: str
    id: str
