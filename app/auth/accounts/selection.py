"""Which account a request means (`accountSelectionSchema`, Better Auth 1.7.25).

Two shapes, each without other keys; where neither fits, the original says only that, unless the
one thing wrong with just one of them is a key too many.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ...models.additional_fields import Json
from ...models.errors import InvalidBody
from ...web.input.validation import WireBody, WireQuery


class SelectionBody(WireBody, frozen=True, forbid_unknown_fields=True):
    account_id: Annotated[
        str,
        Meta(
            description="The `id` that `/list-accounts` tells.",
            examples=["Vx3Rt8Yw1Kq6Zn0Bm5Lp9Hs2Jc7Gd4Fe"],
        ),
    ]
    user_id: Annotated[str, Meta(description="Ignored: the user is the session's.")] | UnsetType = (
        UNSET
    )


class SelectionQuery(WireQuery, frozen=True):
    account_id: Annotated[str, Meta(description="The `id` that `/list-accounts` tells.")]
    user_id: Annotated[str, Meta(description="Ignored: the user is the session's.")] | UnsetType = (
        UNSET
    )


def selected(place: Literal["body", "query"], given: Json | UnsetType) -> str | None:
    """The row id of the account; None for the one that a cookie names. Raises InvalidBody."""
    if not isinstance(given, dict) or not isinstance(given.get("userId", ""), str):
        raise InvalidBody(f"[{place}] Invalid input")
    by_id, cookie = given.get("accountId"), given.get("useAccountCookie")
    fitting = [isinstance(by_id, str), cookie is True]
    others = given.keys() - {"userId"}
    if fitting[0] and others == {"accountId"}:
        return str(by_id)
    if fitting[1] and others == {"useAccountCookie"}:
        return None
    if sum(fitting) != 1:
        raise InvalidBody(f"[{place}] Invalid input")
    known = {"userId", "accountId" if fitting[0] else "useAccountCookie"}
    raise InvalidBody(f"[{place}] {_unrecognized([key for key in given if key not in known])}")


def _unrecognized(keys: list[str]) -> str:
    return f"Unrecognized key{'s' * (len(keys) > 1)}: " + ", ".join(f'"{key}"' for key in keys)
