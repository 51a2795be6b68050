"""What several areas show in the document, and the text that may not be empty."""

from typing import Annotated, Final

from msgspec import Meta

from ...models.records import ADA
from .records import Member, MemberWithUser, Organization, UserSummary

_NOT_EMPTY: Final = Meta(
    min_length=1, extra={"refusal": "Too small: expected string to have >=1 characters"}
)
NotEmpty = Annotated[str, _NOT_EMPTY]

ACME: Final = Organization(
    name="Acme",
    slug="acme",
    logo=None,
    created_at="2026-11-21T00:44:05.831Z",
    metadata='{"plan":"pro"}',
    id="oQ3xN8vQ1mZ6kT0yR5wJ2pL9sD4gH7fA",
)
ADAS_MEMBERSHIP: Final = Member(
    organization_id=ACME.id,
    user_id=ADA.id,
    role="owner",
    created_at=ACME.created_at,
    id="mV7cR2yH5tB8nW1kX4pL9zQ6dF3gS0jE",
)
ADA_AS_MEMBER: Final = MemberWithUser(
    organization_id=ACME.id,
    user_id=ADA.id,
    role="owner",
    created_at=ACME.created_at,
    id=ADAS_MEMBERSHIP.id,
    user=UserSummary(ADA.id, ADA.name, ADA.email, ADA.image),
)
