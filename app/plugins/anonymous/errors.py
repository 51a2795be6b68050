"""The refusals of the plugin, with the codes and messages of Better Auth 1.7.25."""

from ...models.errors import Refusal


class AlreadyAnonymous(Refusal):
    status, code = 400, "ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY"
    message = "Anonymous users cannot sign in again anonymously"


class FailedToCreateAnonymousUser(Refusal):
    """The database refuses the row, such as an additional field that must not be null."""

    status, code, message = 500, "FAILED_TO_CREATE_USER", "Failed to create user"


class DeletionOfAnonymousDisabled(Refusal):
    status, code = 400, "DELETE_ANONYMOUS_USER_DISABLED"
    message = "Deleting anonymous users is disabled"


class UserIsNotAnonymous(Refusal):
    status, code, message = 403, "USER_IS_NOT_ANONYMOUS", "User is not anonymous"


class FailedToDeleteAnonymousUser(Refusal):
    """Rows of the application refer to the user."""

    status, code = 500, "FAILED_TO_DELETE_ANONYMOUS_USER"
    message = "Failed to delete anonymous user"
