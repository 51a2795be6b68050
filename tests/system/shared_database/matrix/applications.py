"""The applications of the matrix: whose tools made a database, and what is set for it here."""

import json
from collections.abc import Mapping

from msgspec import Struct

# The options of `NAMES` in `node/setups.mjs`, as variables.
RENAMED: Mapping[str, str] = {
    "BETTER_AUTH_USER_MODEL_NAME": "app_user",
    "BETTER_AUTH_USER_FIELDS": json.dumps(
        {"email": "mail", "emailVerified": "mail_checked", "createdAt": "born"}
    ),
    "BETTER_AUTH_SESSION_MODEL_NAME": "app_login",
    "BETTER_AUTH_SESSION_FIELDS": json.dumps(
        {"userId": "person", "expiresAt": "ends", "token": "secret_text"}
    ),
    "BETTER_AUTH_ACCOUNT_MODEL_NAME": "app_credential",
    "BETTER_AUTH_ACCOUNT_FIELDS": json.dumps(
        {"userId": "person", "password": "hashed", "providerId": "source"}
    ),
    "BETTER_AUTH_VERIFICATION_MODEL_NAME": "app_proof",
    "BETTER_AUTH_VERIFICATION_FIELDS": json.dumps({"identifier": "subject", "expiresAt": "ends"}),
}


_VERSIONS = ("1.0", "1.2", "1.4", "1.6", "1.7")
_OWN_HASHES = {*(f"{version}-sqlite" for version in _VERSIONS), "drizzle-pg", "prisma-pg"}


class Application(Struct, frozen=True):
    """A Node server by the name of its setup in `node/setups.mjs`, and its database's engine.

    `settings` are those of this service that say more than the database's URL and the secret.
    `gains`: what Better Auth's own migration of today would add to these tables. `tables` are the
    names of those for users, sessions and accounts, `verifications` that of one-time values.
    `owner`, `email` and `identifier` are columns of them.
    """

    name: str
    engine: str
    settings: Mapping[str, str] = {}
    schema: str = ""
    gains: frozenset[str] = frozenset()
    tables: tuple[str, str, str] = ("user", "session", "account")
    email: str = "email"
    owner: str = "userId"
    verifications: str = "verification"
    identifier: str = "identifier"

    @property
    def id(self) -> str:
        return self.name if self.engine in self.name else f"{self.name}-{self.engine}"

    @property
    def has_uuids(self) -> bool:
        return "uuid" in self.name

    @property
    def has_own_hashes(self) -> bool:
        """Whether passwords are hashed as Better Auth does it, and not cheaply.

        One of each version and of each tool does, so that either server verifies what it meets.
        """
        return self.id in _OWN_HASHES

    @property
    def has_plugins(self) -> bool:
        """Whether users may be banned, or have a second factor."""
        return self.name.endswith("plugins")


_NEWER = frozenset({"column jwks.alg", "column jwks.crv"})
_INDEXES = frozenset(
    {
        "index account_userId_idx",
        "index session_userId_idx",
        "index verification_identifier_idx",
    }
)
_GAINS = {
    "1.0": _NEWER | {"column jwks.expiresAt"} | _INDEXES,
    "1.2": _NEWER | {"column jwks.expiresAt"} | _INDEXES,
    "1.4": _NEWER,
    "1.6": _NEWER,
}
_APP_TABLES = ("app_user", "app_login", "app_credential")


def _drizzle(
    name: str,
    *,
    schema: str = "",
    tables: tuple[str, str, str] = ("user", "session", "account"),
    owner: str = "user_id",
    verifications: str = "verification",
) -> Application:
    return Application(
        f"drizzle-{name}",
        "sqlite" if "sqlite" in name else "pg",
        schema=schema,
        tables=tables,
        owner=owner,
        verifications=verifications,
    )


APPLICATIONS = (
    _drizzle("pg"),
    _drizzle("pg-camel", owner="userId"),
    _drizzle("pg-plural", tables=("users", "sessions", "accounts"), verifications="verifications"),
    _drizzle("pg-schema", schema="auth"),
    _drizzle("pg-uuid"),
    _drizzle("pg-plugins"),
    _drizzle("sqlite"),
    _drizzle("sqlite-seconds"),
    _drizzle("sqlite-plugins"),
    Application("prisma-pg", "pg"),
    Application(
        "prisma-pg-models",
        "pg",
        tables=("User", "Session", "Account"),
        verifications="Verification",
    ),
    Application("prisma-sqlite", "sqlite"),
    Application("prisma-sqlite-ms", "sqlite"),
    *(
        Application(version, engine, gains=_GAINS.get(version, frozenset()))
        for version in _VERSIONS
        for engine in ("pg", "sqlite")
    ),
    *(
        Application(
            "renamed",
            engine,
            RENAMED,
            tables=_APP_TABLES,
            email="mail",
            owner="person",
            verifications="app_proof",
            identifier="subject",
        )
        for engine in ("pg", "sqlite")
    ),
    Application("uuid", "pg"),
    # Here ids are text, which shows nothing of how they are made.
    Application("uuid", "sqlite", {"BETTER_AUTH_ADVANCED_DATABASE_GENERATE_ID": "uuid"}),
)
BY_ID = {each.id: each for each in APPLICATIONS}
