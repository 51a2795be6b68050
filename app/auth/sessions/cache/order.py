"""Records in responses from the cookie cache: the same fields, but `id` first.

The reason is the original's schema (1.7.25 `cookieCachePayloadSchema`).
"""

from typing import Final, TypeVar, cast

from msgspec import defstruct, field, structs

from ....models.records import Record

R = TypeVar("R", bound=Record)

SESSION: Final = (
    *("id", "created_at", "updated_at", "user_id", "expires_at", "token"),
    *("ip_address", "user_agent"),
)
USER: Final = ("id", "created_at", "updated_at", "email", "email_verified", "name", "image")


def reordered(kind: type[R], first: tuple[str, ...]) -> type[R]:
    """Returns a type with the fields of `kind`, these first.

    It replaces `kind`, but is not a subclass, which would keep the order.
    """
    fields = {each.name: each for each in structs.fields(kind)}
    names = [*first, *(name for name in fields if name not in first)]
    made = defstruct(
        kind.__name__,
        [(name, fields[name].type, field(default=fields[name].default)) for name in names],
        frozen=True,
        kw_only=True,
        rename={name: fields[name].encode_name for name in names},
    )
    return cast("type[R]", made)
