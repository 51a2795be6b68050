"""The options of the `username` plugin, named after Better Auth's own."""

from typing import Annotated, Final, Literal

from msgspec import Struct

from ...settings.option_types import Range

USERNAME: Final = "username"
DISPLAY_USERNAME: Final = "displayUsername"

Length = Annotated[int, Range(1)]
Order = Literal["pre-normalization", "post-normalization"]


class UserColumns(Struct, frozen=True, kw_only=True):
    """The names of columns of `user`."""

    username: str = USERNAME
    display_username: str = DISPLAY_USERNAME


class UsernameUserSchema(Struct, frozen=True, kw_only=True):
    """`username.schema.user`."""

    fields: UserColumns = UserColumns()


class UsernameSchema(Struct, frozen=True, kw_only=True):
    """`username.schema`."""

    user: UsernameUserSchema = UsernameUserSchema()


class ValidationOrder(Struct, frozen=True, kw_only=True):
    """Whether a username is validated as it was sent, or as it is stored."""

    username: Order = "pre-normalization"


class UsernameOptions(Struct, frozen=True, kw_only=True):
    """Lengths are in UTF-16 code units, like JavaScript.

    With `username_normalization` usernames are in lower case. With `immutable_username` a user can
    set it only once. Without `display_username` there is no second field, which keeps the username
    as the user wrote it.
    """

    min_username_length: Length = 3
    max_username_length: Length = 30
    username_normalization: bool = True
    validation_order: ValidationOrder = ValidationOrder()
    immutable_username: bool = False
    display_username: bool = True
    schema: UsernameSchema = UsernameSchema()
