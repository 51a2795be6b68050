"""Signs webhooks as Standard Webhooks says, by every secret at once while one is replaced."""

import hmac
from base64 import b64encode
from collections.abc import Sequence

from ...settings.webhooks import decode_webhook_secret


class WebhookSigner:
    """Makes the signatures, with all secrets."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [decode_webhook_secret(secret) for secret in secrets]

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:
        """Returns the value of `webhook-signature`. `timestamp` is in seconds since 1970."""
        signed = f"{message_id}.{timestamp}.".encode() + body
        made = (hmac.digest(key, signed, "sha256") for key in self._keys)
        return " ".join(f"v1,{b64encode(each).decode()}" for each in made)
