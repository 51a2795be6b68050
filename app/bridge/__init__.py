"""Who is calling? Verify Better Auth's tokens and sessions in any Python API.

`user = Verifier(os.environ["BETTER_AUTH_SECRET"]).verify(token)`, then `user.id`, `user.email` or
`user["sub"]`; a token that is not acceptable raises InvalidToken. `await authenticator()
.authenticate(presented)` does so in the way that the environment, or `configure`, has chosen.

Needs PyJWT, which the first `Verifier` loads; what a web framework or another way needs lives in
modules of theirs.
"""

from .configuration import authenticator, configure, live_authenticator
from .errors import BridgeError, ForbiddenUser, InvalidToken, MissingToken, Unavailable
from .presented import Authenticator, Presented, SessionAuthenticator, bearer_token
from .settings import Settings, SettingsError
from .user import User, require_path_user
from .verifier import Verifier

__all__ = [
    "Authenticator",
    "BridgeError",
    "ForbiddenUser",
    "InvalidToken",
    "MissingToken",
    "Presented",
    "SessionAuthenticator",
    "Settings",
    "SettingsError",
    "Unavailable",
    "User",
    "Verifier",
    "authenticator",
    "bearer_token",
    "configure",
    "live_authenticator",
    "require_path_user",
]
