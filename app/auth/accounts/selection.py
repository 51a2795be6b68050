"""Reads which account a request selects (`accountSelectionSchema`, Better Auth 1.7.25).

There are two forms, each without other keys. If neither matches, the original answers only that.
The exception: one form matches except for one unknown key.
"""

from typing import Annotated, Final, Literal, Self

from msgspec import UNSET, Meta, UnsetType

from ...models.additional_fields import Json
from ...models.errors import InvalidBody
from ...web.input.validation import WireBody, WireQuery

_NONE: Final = ""  # the id of no account
_AccountId = Meta(description="The `id` that `/list-accounts` tells.")
_UserId = Annotated[str, Meta(description="Ignored: the user is the session's.")] | UnsetType


class SelectionBody(WireBody, frozen=True, forbid_unknown_fields=True):
    """The body of endpoints that select an account."""

    account_id: Annotated[str, _AccountId, Meta(examples=["Vx3Rt8Yw1Kq6Zn0Bm5Lp9Hs2Jc7Gd4Fe"])]
    user_id: _UserId = UNSET

    @classmethod
    def read(cls, value: Json | UnsetType) -> Self:
        """Returns the selection. Raises InvalidBody."""
        return cls(account_id=_select("body", value))


class SelectionQuery(WireQuery, frozen=True):
    """The query of endpoints that select an account."""

    account_id: Annotated[str, _AccountId]
    user_id: _UserId = UNSET

    @classmethod
    def read(cls, value: Json | UnsetType) -> Self:
        """Returns the selection. Raises InvalidBody."""
        return cls(account_id=_select("query", value))


def _select(place: Literal["body", "query"], value: Json | UnsetType) -> str:
    """Returns the row id of the account, or "" if a cookie names it. Raises InvalidBody."""
    if not isinstance(value, dict) or not isinstance(value.get("userId", ""), str):
        raise InvalidBody(f"[{place}] Invalid input")
    by_id, cookie = value.get("accountId"), value.get("useAccountCookie")
    fitting = [isinstance(by_id, str), cookie is True]
    others = value.keys() - {"userId"}
    if fitting[0] and others == {"accountId"}:
        return str(by_id)
    if fitting[1] and others == {"useAccountCookie"}:
        return _NONE  # no cookie of this server names an account
    if sum(fitting) != 1:
        raise InvalidBody(f"[{place}] Invalid input")
    known = {"userId", "accountId" if fitting[0] else "useAccountCookie"}
    raise InvalidBody(f"[{place}] {_describe_unknown([key for key in value if key not in known])}")


def _describe_unknown(keys: list[str]) -> str:
    return f"Unrecognized key{'s' * (len(keys) > 1)}: " + ", ".join(f'"{key}"' for key in keys)
