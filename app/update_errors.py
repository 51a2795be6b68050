"""Refusals of what users and sessions shall be changed to."""

from app.errors import ComposedRefusal, Refusal


class FieldNotAllowed(ComposedRefusal):
    status, code, message = 400, "FIELD_NOT_ALLOWED", "role is not allowed to be set"


class MissingField(ComposedRefusal):
    status, code, message = 400, "MISSING_FIELD", "age is required"


class EmailCanNotBeUpdated(Refusal):
    status, code, message = 400, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"


class NoFieldsToUpdate(Refusal):
    status, message = 400, "No fields to update"


class FailedToUpdateUser(Refusal):
    """A value that must be unique is another user's; the original answers an empty 500."""

    status, code, message = 422, "FAILED_TO_UPDATE_USER", "Failed to update user"


class FailedToUpdateSession(Refusal):
    """A value that the database can't keep; the original answers an empty 500."""

    status, code, message = 422, "FAILED_TO_UPDATE_SESSION", "Failed to update session"
