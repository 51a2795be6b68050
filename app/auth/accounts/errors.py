"""Why an account is not told of, not unlinked, or has nothing to give."""

from ...models.errors import ComposedRefusal, Refusal, SilentRefusal


class NobodySignedIn(SilentRefusal):
    """`Unauthorized`, where the original has no word for it."""

    status, message = 401, "no body where nobody is signed in"


class AccountNotFound(Refusal):
    status, code, message = 400, "ACCOUNT_NOT_FOUND", "Account not found"


class FailedToUnlinkLastAccount(Refusal):
    """Without an account nobody could sign in as this user any more."""

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
