"""Access tokens and the key set, by each kind of key and option."""

from datetime import timedelta

from tests.system.parity.scenario import Run, scenario
from tests.system.parity.side import Caller, Side

EDDSA = {"jwt.alg": "EdDSA"}
# A key pair of nobody.
PUBLIC = (
    '{"kty":"EC","x":"bRDzl_4xocGwocOgfM-Wn44r0FYqH1U5dR9HI-'
    'stg8Q","y":"Y01fEkSi3V3wQ3YA-Hzz3lvwWDjdMAuilI0IWK4uCGY","crv":"P-256"}'
)
PRIVATE = (
    '{"kty":"EC","x":"bRDzl_4xocGwocOgfM-Wn44r0FYqH1U5dR9HI-'
    'stg8Q","y":"Y01fEkSi3V3wQ3YA-Hzz3lvwWDjdMAuilI0IWK4uCGY","crv":"P-'
    '256","d":"Ilaxdo4cibdDhI5CotLi7gLgHCbfBoQGGsU4oa9xMkc"}'
)
ALGORITHMS = ("EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256")


async def _all_tokens(ada: Caller) -> None:
    await ada.get("/token")
    await ada.get("/get-session")
    await ada.get("/jwks")


def _signed_with(alg: str) -> Run:
    async def run(s: Side) -> None:
        await s.client().get("/jwks")
        await _all_tokens(await s.signed_up(f"{alg.lower()}@example.com", name="Ada 日本 <&>"))

    run.__name__ = f"signed_with_{alg.lower()}"
    return run


for _alg in ALGORITHMS:
    scenario({"jwt.alg": _alg}, postgres=_alg == "EdDSA")(_signed_with(_alg))


@scenario(postgres=True)
async def hs256(s: Side) -> None:
    await s.client().get("/jwks")
    await _all_tokens(await s.signed_up("hs256@example.com"))


@scenario(EDDSA)
async def callers(s: Side) -> None:
    ada = await s.signed_up("callers@example.com")
    token = (await ada.get("/get-session")).json["session"]["token"]
    signed = (ada.cookies or {})["better-auth.session_token"]
    await s.client(bearer=token).get("/token")
    await s.client(bearer=token).get("/get-session")
    await s.client(bearer=signed).get("/token")
    await s.client(bearer="unknown").get("/token")
    await s.client(bearer=f"{token}.forged").get("/token")
    await s.client().get("/token")
    await ada.post("/token", {})
    await ada.post("/jwks", {})
    await ada.get("/token?disableRefresh=true")
    await ada.post("/sign-out", {})
    await ada.get("/token")


@scenario({**EDDSA, "session.updateAge": 0}, postgres=True)
async def renewed(s: Side) -> None:
    ada = await s.signed_up("renewed@example.com")
    await ada.get("/token")
    await ada.get("/get-session")
    await s.age("session", "renewed@example.com", expiresAt=timedelta(days=3))
    await ada.get("/token")


@scenario(EDDSA)
async def expired_token(s: Side) -> None:
    ada = await s.signed_up("expired_token@example.com")
    await s.age("session", "expired_token@example.com", expiresAt=timedelta(days=8))
    await ada.get("/get-session")
    await ada.get("/token")


@scenario(
    {
        **EDDSA,
        "jwt.issuer": "https://issuer.example",
        "jwt.audience": ["a", "b"],
        "jwt.expirationTime": "2h",
    }
)
async def claims(s: Side) -> None:
    await _all_tokens(await s.signed_up("claims@example.com"))


@scenario(
    {
        **EDDSA,
        "jwt.audience": "one",
        "jwt.expirationTime": "1 hour",
        "baseURL": "http://localhost:4000/custom/auth",
    }
)
async def claims_below_a_path(s: Side) -> None:
    await _all_tokens(await s.signed_up("claims_below_a_path@example.com"))


@scenario({**EDDSA, "jwt.disableSettingJwtHeader": True})
async def no_header(s: Side) -> None:
    await _all_tokens(await s.signed_up("no_header@example.com"))


@scenario({**EDDSA, "jwt.jwks.jwksPath": "/.well-known/jwks.json"})
async def key_set_elsewhere(s: Side) -> None:
    ada = await s.signed_up("key_set_elsewhere@example.com")
    await ada.get("/.well-known/jwks.json")
    await ada.post("/.well-known/jwks.json", {})
    await _all_tokens(ada)


@scenario({**EDDSA, "jwt.jwks.disablePrivateKeyEncryption": True})
async def keys_not_encrypted(s: Side) -> None:
    await _all_tokens(await s.signed_up("keys_not_encrypted@example.com"))


@scenario(
    {**EDDSA, "jwt.jwks.rotationInterval": 3600, "jwt.jwks.gracePeriod": 60},
    postgres=True,
    fresh=True,
)
async def rotated(s: Side) -> None:
    ada = await s.signed_up("rotated@example.com")
    await _all_tokens(ada)
    await _expire(s, "-1")
    await s.client().get("/jwks")  # publishing makes none while there is one
    await _all_tokens(ada)
    await _expire(s, "-61")
    await s.client().get("/jwks")
    await _all_tokens(ada)
    await s.sql('DELETE FROM "jwks"')
    await _all_tokens(ada)


async def _expire(s: Side, seconds: str) -> None:
    """All keys, `seconds` from now."""
    statement = f'UPDATE "jwks" SET "expiresAt" = {_moment(s, seconds)}'  # of this file
    await s.sql(statement)


def _moment(s: Side, seconds: str) -> str:
    if s.database.file:
        return f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{seconds} seconds')"
    return f"now() + interval '{seconds} seconds'"


@scenario({"jwt.alg": "ES256"}, fresh=True)
async def row_without_algorithm(s: Side) -> None:
    ada = await s.signed_up("row_without_algorithm@example.com")
    await s.client().get("/jwks")
    await s.sql('UPDATE "jwks" SET "alg" = NULL, "crv" = NULL')
    await _all_tokens(ada)


@scenario({**EDDSA, "jwt.jwks.disablePrivateKeyEncryption": True}, postgres=True, fresh=True)
async def key_of_another_algorithm(s: Side) -> None:
    """It signs until it expires or there is one of the configured algorithm."""
    ada = await s.signed_up("key_of_another_algorithm@example.com")
    await s.sql(
        'INSERT INTO "jwks" ("id", "publicKey", "privateKey", "createdAt", "alg", "crv")'
        f" VALUES (?, ?, ?, {_moment(s, '-60')}, 'ES256', 'P-256')",  # of this file
        "k" * 32,
        PUBLIC,
        PRIVATE,
    )
    await _all_tokens(ada)
    await _expire(s, "-1")
    await _all_tokens(ada)
    await s.sql('UPDATE "jwks" SET "expiresAt" = NULL')
    await _all_tokens(ada)


@scenario(EDDSA, fresh=True)
async def unreadable_key(s: Side) -> None:
    ada = await s.signed_up("unreadable_key@example.com")
    await s.client().get("/jwks")
    await s.sql("""UPDATE "jwks" SET "privateKey" = '"00"'""")
    await ada.get("/token")
    await ada.get("/get-session")
    await s.client().get("/jwks")


@scenario(
    {
        **EDDSA,
        "secrets": [
            {"version": 2, "value": "the-new-secret-of-these-tests-8fQ1zWc5nB0yT"},
            {"version": 1, "value": "the-old-secret-of-these-tests-k3J9vQ2mX7pL4"},
        ],
    },
    postgres=True,
)
async def versioned_secrets(s: Side) -> None:
    ada = await s.signed_up("versioned_secrets@example.com")
    await _all_tokens(ada)
    await s.sql("""UPDATE "jwks" SET "privateKey" = '"$ba$7$00"'""")
    await ada.get("/token")
