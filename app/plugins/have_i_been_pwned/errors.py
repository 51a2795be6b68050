"""The refusals of the plugin (Better Auth 1.7.25)."""

from ...models.errors import ComposedRefusal


class PasswordCompromised(ComposedRefusal):
    """The password is in a known breach. The message is `customPasswordCompromisedMessage`."""

    status, code = 400, "PASSWORD_COMPROMISED"
    message = "The password you entered has been compromised. Please choose a different password."


class PasswordNotChecked(ComposedRefusal):
    """The range API could not be asked. The original has no code for it."""

    status = 500
    message = "Failed to check password. Please try again later."
