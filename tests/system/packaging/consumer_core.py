"""The bridge without a framework of ours: code that waits for nothing, and code that does."""

from collections.abc import Sequence

from better_auth_bridge import (
    BridgeError,
    Presented,
    Settings,
    User,
    Verifier,
    authenticator,
    bearer_token,
    configure,
    require_path_user,
)
from better_auth_bridge.testing import sign

SECRET = "a-test-secret-of-more-than-32-bytes!"
VERIFIER = Verifier([SECRET], issuer="http://localhost:8000")


def caller(authorization: Sequence[str], user_id: str) -> User | tuple[int, dict[str, str]]:
    try:
        user = VERIFIER.verify(bearer_token(authorization))
        require_path_user(user, user_id)
    except BridgeError as error:
        return error.status, error.headers
    return user


async def by_settings() -> str:
    configure(Settings(secrets=(SECRET,), issuer="http://localhost:8000"))
    shown = Presented([f"Bearer {sign('ann')}"])
    user = await authenticator().authenticate(shown)
    role: str = user.claims.get("role", "none")
    subject: str = user["sub"]
    return f"{subject} {user.email or user.name} {role}"
