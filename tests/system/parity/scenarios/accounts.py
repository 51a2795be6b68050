"""The accounts of a user where no social provider is configured."""

from datetime import timedelta

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Caller, Side

TOKENS = ("/get-access-token", "/refresh-token")
BODIES: tuple[object, ...] = (
    {},
    {"accountId": 5},
    {"accountId": ""},
    {"accountId": "x"},
    {"accountId": "x", "userId": None},
    {"accountId": "x", "userId": "y"},
    {"accountId": "x", "foo": 1},
    {"accountId": "x", "a": 1, "b": 2},
    {"useAccountCookie": True},
    {"useAccountCookie": False},
    {"useAccountCookie": True, "accountId": "x"},
    {"useAccountCookie": True, "foo": "x"},
    {"providerId": "credential"},
    [],
    None,
)
OWNER = '(SELECT id FROM "user" WHERE email = ?)'


@scenario(postgres=True)
async def listed(s: Side) -> None:
    ada = await s.signed_up("listed@example.com")
    await ada.get("/list-accounts")
    await s.client().get("/list-accounts")
    await s.sql(
        'UPDATE account SET "providerId" = ?, scope = ?, "accessToken" = ?'
        f' WHERE "userId" IN {OWNER}',
        "google",
        " openid, email,,x",
        "s3cret",
        "listed@example.com",
    )
    await s.age("session", "listed@example.com", createdAt=timedelta(days=2))
    await ada.get("/list-accounts")
    await _without_a_provider(ada, await _own(ada))


@scenario(postgres=True)
async def unlinked(s: Side) -> None:
    ada = await s.signed_up("unlinked@example.com")
    own = await _own(ada)
    for body in (*BODIES, {"accountId": own}):
        await ada.post("/unlink-account", body)
    await s.client().post("/unlink-account", {"accountId": own})
    await s.client().post("/unlink-account", {})
    await s.age("session", "unlinked@example.com", createdAt=timedelta(days=2))
    await ada.post("/unlink-account", {"accountId": own})


@scenario({"account.accountLinking.allowUnlinkingAll": True}, postgres=True)
async def last_account_unlinked(s: Side) -> None:
    ada = await s.signed_up("last@example.com")
    own = await _own(ada)
    for account_id in ("x", own, own):
        await ada.post("/unlink-account", {"accountId": account_id})
    await ada.get("/list-accounts")
    await s.browser().sign_in("last@example.com")


@scenario(postgres=True)
async def tokens_of_no_provider(s: Side) -> None:
    ada, eve = await s.signed_up("tokens@example.com"), await s.signed_up("eve@example.com")
    own = await _own(ada)
    await _without_a_provider(ada, own)
    await _without_a_provider(eve, own)
    await _without_a_provider(s.client(), own)
    for path in TOKENS:
        for body in BODIES:
            await ada.post(path, body)
        await ada.post(path)


@scenario()
async def info_of_no_provider(s: Side) -> None:
    ada = await s.signed_up("info@example.com")
    for query in (
        "",
        "?accountId=",
        "?accountId=x&userId=y",
        "?accountId=x&foo=1",
        "?accountId=x&a=1&b=2",
        "?accountId=x&accountId=y",
        "?accountId=x&userId=a&userId=b",
        "?accountId=x&useAccountCookie=true",
        "?accountId=x&disableRefresh=true",
        "?useAccountCookie=true",
        "?providerId=credential",
    ):
        await ada.get(f"/account-info{query}")
    await s.client().get("/account-info")


async def _own(caller: Caller) -> str:
    answer = await caller.get("/list-accounts")
    return str(answer.json[0]["id"])


async def _without_a_provider(caller: Caller, account_id: str) -> None:
    await caller.get(f"/account-info?accountId={account_id}")
    for path in TOKENS:
        await caller.post(path, {"accountId": account_id})
