"""The refusals of the `username` plugin: `USERNAME_ERROR_CODES` of Better Auth 1.7.25."""

from collections.abc import Mapping
from typing import Final, Literal

from ...auth.errors import WrongPassword
from ...models.errors import Refusal

Fault = Literal["short", "long", "invalid"]


class InvalidUsernameOrPassword(WrongPassword):
    status, code = 401, "INVALID_USERNAME_OR_PASSWORD"
    message = "Invalid username or password"


class UsernameTaken(Refusal):
    status, code = 400, "USERNAME_IS_ALREADY_TAKEN"
    message = "Username is already taken. Please try another."


class UsernameImmutable(Refusal):
    status, code, message = 400, "USERNAME_IS_IMMUTABLE", "Username cannot be updated"


class UsernameTooShort(Refusal):
    status, code, message = 400, "USERNAME_TOO_SHORT", "Username is too short"


class UsernameTooLong(Refusal):
    status, code, message = 400, "USERNAME_TOO_LONG", "Username is too long"


class InvalidUsername(Refusal):
    status, code, message = 400, "INVALID_USERNAME", "Username is invalid"


class UsernameTooShortToFind(UsernameTooShort):
    """The same where a username is looked up."""

    status = 422


class UsernameTooLongToFind(UsernameTooLong):
    """The same where a username is looked up."""

    status = 422


class InvalidUsernameToFind(InvalidUsername):
    """The same where a username is looked up."""

    status = 422


TO_STORE: Final[Mapping[Fault, type[Refusal]]] = {
    "short": UsernameTooShort,
    "long": UsernameTooLong,
    "invalid": InvalidUsername,
}
TO_FIND: Final[Mapping[Fault, type[Refusal]]] = {
    "short": UsernameTooShortToFind,
    "long": UsernameTooLongToFind,
    "invalid": InvalidUsernameToFind,
}
