"""The options of the `anonymous` plugin, with the names and defaults of Better Auth 1.7.25."""

from typing import Final

from msgspec import Struct

IS_ANONYMOUS: Final = "isAnonymous"


class AnonymousColumns(Struct, frozen=True, kw_only=True):
    """The name of the column of `user`."""

    is_anonymous: str = IS_ANONYMOUS


class AnonymousUserSchema(Struct, frozen=True, kw_only=True):
    """`anonymous.schema.user`."""

    fields: AnonymousColumns = AnonymousColumns()


class AnonymousSchema(Struct, frozen=True, kw_only=True):
    """`anonymous.schema`."""

    user: AnonymousUserSchema = AnonymousUserSchema()


class AnonymousOptions(Struct, frozen=True, kw_only=True):
    """`email_domain_name`: the domain of addresses that are made up.

    With `disable_delete_anonymous_user` an anonymous user stays after a sign-in as another user.
    """

    email_domain_name: str | None = None
    disable_delete_anonymous_user: bool = False
    schema: AnonymousSchema = AnonymousSchema()
