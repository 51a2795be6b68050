"""Links in mails. They use the configured base URL, never values of a request."""

from ..bridge.encodings import encode_uri_component
from ..settings.settings import Settings


class Links:
    """Builds links like Better Auth 1.7.25."""

    def __init__(self, settings: Settings) -> None:
        self.base = settings.origin + settings.auth_path

    def build_reset_password(self, token: str, redirect_to: str | None) -> str:
        """Returns the link. `redirect_to` is the page where the user chooses the new password."""
        target = encode_uri_component(redirect_to or "")
        return f"{self.base}/reset-password/{token}?callbackURL={target}"

    def build_delete_user(self, token: str, callback_url: str | None) -> str:
        """Returns the link. `callback_url` is the page after the deletion."""
        return self._with_token("/delete-user/callback", token, callback_url)

    def build_verify_email(self, token: str, callback_url: str | None) -> str:
        """Returns the link. `callback_url` is the page after the verification."""
        return self._with_token("/verify-email", token, callback_url)

    def _with_token(self, path: str, token: str, callback_url: str | None) -> str:
        target = encode_uri_component(callback_url or "/")
        return f"{self.base}{path}?token={token}&callbackURL={target}"
