"""Reads which account a request selects (`accountSelectionSchema`, Better Auth 1.7.25).

There are two forms, each without other keys. If neither matches, the original answers only that.
The exception: one form matches except for one unknown key.
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
    """Returns the row id of the account, or None if a cookie names it. Raises InvalidBody."""
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
