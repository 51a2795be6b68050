"""Better Auth's names of its tables and columns (1.7.25), and the options that change them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "user": ("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"),
    "session": (
        *("id", "expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent"),
        "userId",
    ),
    "account": (
        *("id", "accountId", "providerId", "userId", "accessToken", "refreshToken", "idToken"),
        *("accessTokenExpiresAt", "refreshTokenExpiresAt", "scope", "password"),
        *("createdAt", "updatedAt"),
    ),
    "verification": ("id", "identifier", "value", "expiresAt", "createdAt", "updatedAt"),
    "jwks": ("id", "publicKey", "privateKey", "createdAt", "expiresAt", "alg", "crv"),
    "rateLimit": ("id", "key", "count", "lastRequest"),
}
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class NameOptions:
    """What `modelName` and `fields` say, by Better Auth's names of tables and columns."""

    tables: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def format_table_variable(table: str) -> str:
    """Returns the beginning of the variables about the names of a table.

    `_MODEL_NAME` or `_FIELDS` follow.
    """
    plugin = "JWT_SCHEMA_" if table == "jwks" else ""
    return f"BETTER_AUTH_{plugin}{_WORD.sub('_', table).upper()}"
