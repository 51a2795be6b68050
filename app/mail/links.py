"""Links in mails. They use the configured base URL, never values of a request."""

from typing import Final
from urllib.parse import quote

from ..settings.settings import Settings

_AS_JAVASCRIPT: Final = "!'()*"  # what `encodeURIComponent` leaves alone beside Python's `quote`


class Links:
    """Builds links like Better Auth 1.7.25."""

    def __init__(self, settings: Settings) -> None:
        self.base = settings.origin + settings.auth_path

    def reset_password(self, token: str, redirect_to: str | None) -> str:
        """Returns the link. `redirect_to` is the page where the user chooses the new password."""
        return f"{self.base}/reset-password/{token}?callbackURL={encoded(redirect_to or '')}"

    def delete_user(self, token: str, callback_url: str | None) -> str:
        """Returns the link. `callback_url` is the page after the deletion."""
        return self._with_token("/delete-user/callback", token, callback_url)

    def verify_email(self, token: str, callback_url: str | None) -> str:
        """Returns the link. `callback_url` is the page after the verification."""
        return self._with_token("/verify-email", token, callback_url)

    def _with_token(self, path: str, token: str, callback_url: str | None) -> str:
        return f"{self.base}{path}?token={token}&callbackURL={encoded(callback_url or '/')}"


def encoded(text: str) -> str:
    """Encodes like JavaScript's `encodeURIComponent`."""
    return quote(text, safe=_AS_JAVASCRIPT)
