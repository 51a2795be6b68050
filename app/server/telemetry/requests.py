"""Counts answered requests, and with them sign-ins and sign-ups."""

from typing import Final

from ...models.telemetry import metrics
from ...models.telemetry.log_context import LogContext
from ...models.telemetry.metrics import Method, Outcome
from ...web.middleware.log_lines import Handled

# The endpoints that sign in. A new path is counted when it is here; a test knows all of them.
SIGN_INS_BY_PATH: Final[dict[str, Method]] = {
    "/sign-up/email": "password",
    "/sign-in/email": "password",
    "/sign-in/username": "password",
    "/sign-in/email-otp": "email-otp",
    "/magic-link/verify": "magic-link",
    "/sign-in/anonymous": "anonymous",
    "/two-factor/verify-totp": "second-factor",
    "/two-factor/verify-otp": "second-factor",
    "/two-factor/verify-backup-code": "second-factor",
}
SIGN_UP: Final = "/sign-up/email"
_BY_CODE: Final[dict[str, Outcome]] = {
    "INVALID_EMAIL_OR_PASSWORD": "wrong",
    "INVALID_USERNAME_OR_PASSWORD": "wrong",
    "INVALID_OTP": "wrong",
    "OTP_EXPIRED": "wrong",
    "OTP_HAS_EXPIRED": "wrong",
    "INVALID_CODE": "wrong",
    "INVALID_BACKUP_CODE": "wrong",
    "INVALID_TWO_FACTOR_COOKIE": "wrong",
    "INVALID_TOKEN": "wrong",
    "EXPIRED_TOKEN": "wrong",
    "ATTEMPTS_EXCEEDED": "throttled",
    "TOO_MANY_ATTEMPTS": "throttled",
    "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE": "throttled",
    "BANNED_USER": "banned",
    "USER_DISABLED": "banned",
    "EMAIL_NOT_VERIFIED": "unverified",
}
_REFUSED: Final = 400
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500


class RequestCounter:
    """Counts by the template of the route, never by the path."""

    def __init__(self, base_path: str) -> None:
        self._methods = {f"{base_path}{path}": method for path, method in SIGN_INS_BY_PATH.items()}
        self._sign_up = f"{base_path}{SIGN_UP}"

    def count(self, done: Handled, seconds: float, context: LogContext) -> None:
        """Counts one request, when its response is complete."""
        metrics.REQUESTS.count(done.route, done.method, done.status)
        metrics.REQUEST_SECONDS.observe(seconds, done.route, done.method)
        method = self._methods.get(done.route)
        if method is None:
            return
        if context.has_new_user:
            metrics.SIGN_UPS.count(method)
        if done.route != self._sign_up:
            outcome = _judge(done, method, context)
            if outcome is not None:
                metrics.SIGN_INS.count(method, outcome)


def _judge(done: Handled, method: Method, context: LogContext) -> Outcome | None:
    """Returns None for a request that was no sign-in, such as the set-up of a second factor."""
    if done.status == _TOO_MANY:
        return "throttled"
    if done.status >= _SERVER_ERROR:
        return "unavailable"
    if context.refusal in _BY_CODE:
        return _BY_CODE[context.refusal]
    if context.refusal is not None or done.status >= _REFUSED:
        return "refused"
    if context.has_new_session:
        return "ok"
    return "second_factor" if method == "password" else None
