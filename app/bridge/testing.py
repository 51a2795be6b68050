"""Tokens for the tests of an API that uses the bridge; they are verified like any others."""

import time
from collections.abc import Mapping

from . import hs256
from .configuration import configured_settings
from .settings import SettingsError, all_of


def sign(
    user_id: str = "user-1",
    *,
    secret: str | None = None,
    claims: Mapping[str, object] | None = None,
) -> str:
    """An access token as the service makes it, good for 15 minutes.

    `secret`: what signs it, by default the one that this API is configured with. `claims`: what
    it says in place of, or beside, what `sub`, `email`, `name`, `sid`, `iss`, `aud`, `iat` and
    `exp` say in a good one; `{"exp": 1}` has expired.

    Raises SettingsError where this API verifies in another way than by a shared secret.
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
        settings = configured_settings()
        if settings.mode != "hs256":
            raise SettingsError(
                f"a token can't be signed for the mode {settings.mode}: in tests,"
                ' configure(Settings(secrets="…"))'
            )
        said |= {"iss": settings.issuer} if settings.issuer else {}
        said |= {"aud": all_of(settings.audience)[0]} if settings.audience else {}
        key = all_of(settings.secrets)[0]
    return hs256.sign({**said, **(claims or {})}, key)
