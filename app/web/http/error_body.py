"""The JSON of a refusal."""

from msgspec import UNSET, Struct, UnsetType

from ...models.errors import Refusal


class Error(Struct, frozen=True):
    """Why a request was refused; `code` is Better Auth's error code."""

    message: str
    code: str | UnsetType = UNSET


def error_of(refusal: Refusal) -> Error:
    """Returns the body of a refusal."""
    return Error(refusal.message, UNSET if refusal.code is None else refusal.code)
