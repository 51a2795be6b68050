"""The cookie cache of the real library, over values that a test gives it."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support import node

CLIENT = Path(__file__).parents[3] / "system" / "js_client"
SECRET = "better-auth-secret-123456789012345678901234567890"
NAME = "better-auth.session_data"
SESSION = {
    "expiresAt": "2099-11-28T00:44:05.845Z",
    "token": "cB3xN8vQ1mZ6kT0yR5wJ2pL9sD4gH7fA",
    "createdAt": "2026-11-21T00:44:05.845Z",
    "updatedAt": "2026-11-21T00:44:05.845Z",
    "ipAddress": "",
    "userAgent": 'Mozilla/5.0 "\\"',
    "userId": "q6Gz2mVd0TnYb1Rk7XcW9sLf4HuJ8aEp",
    "id": "e5Vt9Kb2Jw7Qx4Mn1Zp8Rc3Ly6Hs0Gd",
}
USER = {
    "name": "Ada \u0001\b\f\x7f\u2028 日本 😀 </script>",
    "email": "ada@example.com",
    "emailVerified": False,
    "image": None,
    "createdAt": "2026-11-21T00:44:05.831Z",
    "updatedAt": "2026-11-21T00:44:05.831Z",
    "id": "q6Gz2mVd0TnYb1Rk7XcW9sLf4HuJ8aEp",
}


def ask(strategy: str, **given: Any) -> dict[str, Any]:
    """Reads `cookie`, or writes the cache of `set`; see `cookie_cache.mjs`."""
    node.install(CLIENT)
    cache = {"enabled": True, "strategy": strategy, **given.pop("options", {})}
    asked = {"options": {"session": {"cookieCache": cache}}, "secret": SECRET, **given}
    command = [str(node.node()), str(CLIENT / "cookie_cache.mjs")]
    done = subprocess.run(
        command, input=json.dumps(asked), check=True, capture_output=True, text=True, timeout=120
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def written(strategy: str, **given: Any) -> str:
    """The value that the original gives its cookie."""
    (line,) = ask(strategy, set={"session": SESSION, "user": USER}, **given)["lines"]
    return str(line.partition("=")[2].partition(";")[0])
