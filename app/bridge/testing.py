"""Tokens for the tests of an API. They are verified like all others."""

import time
from collections.abc import Mapping

from . import hs256
from .configuration import get_configured_settings
from .settings import SettingsError, to_tuple


def sign(
    user_id: str = "user-1",
    *,
    secret: str | None = None,
    claims: Mapping[str, object] | None = None,
) -> str:
    """Returns an access token like that of the service, valid for 15 minutes.

    `secret`: signs it; by default the configured one. `claims`: override or add to `sub`, `email`,
    `name`, `sid`, `iss`, `aud`, `iat` and `exp`; `{"exp": 1}` has expired. Raises SettingsError if
    the mode uses no shared secret.
    """
    now = int(time.time())
    said: dict[str, object] = {
        "sub": user_id,
        "email": f"{user_id}@example.com",
        "name": user_id,
        "sid": f"session-of-{user_id}",
        "iat": now,
        "exp": now + 900,
    }
    key = secret
    if key is None:
        settings = get_configured_settings()
        if settings.mode != "hs256":
            raise SettingsError(
                f"a token can't be signed for the mode {settings.mode}: in tests,"
                ' configure(Settings(secrets="…"))'
            )
        said |= {"iss": settings.issuer} if settings.issuer else {}
        said |= {"aud": to_tuple(settings.audience)[0]} if settings.audience else {}
        key = to_tuple(settings.secrets)[0]
    return hs256.sign({**said, **(claims or {})}, key)
