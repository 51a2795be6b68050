"""Other names of tables and columns, and UUIDs as ids: in a new database both servers use them."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

from .rate_limit import DATABASE

NAMES = {
    "user.modelName": "people",
    "user.fields": {"emailVerified": "verified", "createdAt": "since"},
    "session.modelName": "logins",
    "session.fields": {"userId": "person", "expiresAt": "until"},
    "account.modelName": "credentials",
    "account.fields": {"password": "hash", "userId": "person"},
    "verification.modelName": "codes",
    "verification.fields": {"value": "content"},
    "jwt.alg": "EdDSA",
}
KEYS = {
    "BETTER_AUTH_JWT_SCHEMA_JWKS_MODEL_NAME": "keys",
    "BETTER_AUTH_JWT_SCHEMA_JWKS_FIELDS": '{"publicKey": "open"}',
}
ORIGINAL_KEYS = {
    "jwtOptions.schema": {"jwks": {"modelName": "keys", "fields": {"publicKey": "open"}}}
}
UUIDS = {"advanced.database.generateId": "uuid"}
COUNTED = {
    **DATABASE,
    "rateLimit.modelName": "limits",
    "rateLimit.fields": {"lastRequest": "last"},
}


async def _round(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("named@example.com")
    await ada.get("/get-session")
    await ada.post("/update-user", {"name": "Ada L."})
    await ada.get("/list-sessions")
    await ada.get("/list-accounts")
    await ada.get("/token")
    await ada.get("/jwks")
    await ada.post("/sign-out", {})
    eve = s.browser()
    await eve.sign_in("named@example.com")
    await eve.get("/get-session")


@scenario(NAMES, postgres=True, ours=KEYS, original=ORIGINAL_KEYS)
async def renamed_tables_and_columns(s: Side) -> None:
    await _round(s)


@scenario(UUIDS, postgres=True)
async def uuids_as_ids(s: Side) -> None:
    await _round(s)


@scenario(COUNTED, postgres=True)
async def renamed_counters(s: Side) -> None:
    for _ in range(5):
        await s.browser().sign_in("nobody@example.com")
