"""Refusals of the account endpoints."""

from ...models.errors import ComposedRefusal, Refusal, SilentRefusal


class NobodySignedIn(SilentRefusal):
    """`Unauthorized` without a body, as the original answers it."""

    status, message = 401, "no body where nobody is signed in"


class AccountNotFound(Refusal):
    status, code, message = 400, "ACCOUNT_NOT_FOUND", "Account not found"


class FailedToUnlinkLastAccount(Refusal):
    """The user could not sign in without this last account."""

    status, code = 400, "FAILED_TO_UNLINK_LAST_ACCOUNT"
    message = "You can't unlink your last account"


class ProviderNotConfigured(Refusal):
    status, code = 400, "PROVIDER_NOT_CONFIGURED"
    message = "Account is not associated with a configured social provider."


class ProviderNotSupported(ComposedRefusal):
    status, code = 400, "PROVIDER_NOT_SUPPORTED"
    message = "Provider credential is not supported."


class ProviderNotFound(Refusal):
    status, code, message = 404, "PROVIDER_NOT_FOUND", "Provider not found"
