"""What a whole service counts."""

import asyncio
import json
from pathlib import Path

import pytest

from app.auth.passwords import hashing
from app.mail.mailer import Message
from app.mail.outbox import DeliveryFailed, Outbox
from app.models.clock import now
from app.plugins.admin.options import AdminOptions
from app.plugins.email_otp.options import EmailOtpOptions
from app.schema.state import SchemaState
from app.server.cleaning import make_cleaner
from app.server.operation import make_disabling
from app.server.telemetry.requests import SIGN_INS_BY_PATH
from app.settings.options import EmailAndPasswordOptions, RateLimitOptions
from app.storage.outage import QUIET, Outage
from tests.plugins.two_factor.person import code_in, guarded
from tests.support.asgi import call
from tests.support.metrics import LISTEN, Recorded
from tests.support.operator import operating
from tests.support.plugins import plugged_together
from tests.support.service import EMAIL, Service, browser, serving
from tests.support.smtp import Outgoing

ROOT = Path(__file__).parents[3]
DOCUMENTS = ("openapi.json", "openapi-plugins.json")
# They sign nobody in: providers are not offered, and a link is mailed.
OTHERS = {"/sign-in/social", "/sign-in/magic-link"}
pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


async def test_requests_by_route_method_and_status(recorded: Recorded, sqlite_url: str) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        await service.sign_up()
        await service.get("/get-session")
        await service.get("/reset-password/a-secret-token")
    assert recorded.series("http_requests_total") == {
        ("POST", "/api/auth/sign-up/email", "200"): 1,
        ("GET", "/api/auth/get-session", "200"): 1,
        ("GET", "/api/auth/reset-password/{token}", "400"): 1,
    }
    assert recorded.series("http_request_duration_seconds_count") == {
        ("POST", "/api/auth/sign-up/email"): 1,
        ("GET", "/api/auth/get-session"): 1,
        ("GET", "/api/auth/reset-password/{token}"): 1,
    }


async def test_hostile_paths_and_methods_make_no_series(
    recorded: Recorded, sqlite_url: str
) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        await ask_oddly(service, 1)
        before = recorded.count_series()
        for number in range(2, 40):
            await ask_oddly(service, number)
        assert recorded.count_series() == before
    text = str(list(recorded.registry.collect()))
    assert "odd-" not in text
    assert "ODD" not in text


async def ask_oddly(service: Service, number: int) -> None:
    path = f"odd-{number}"
    for method in ("GET", "POST", f"ODD{number}", f"get{number}"):
        for target in (
            f"/api/auth/{path}",
            f"/{path}",
            f"/api/auth/reset-password/{path}",
            f"/api/auth/sign-in/email/{path}",
            f"/docs/{path}",
            f"//{path}%2F..%00",
            f"/api/auth/sign-in/email?{path}",
        ):
            await call(service.app, method, target, [("x-forwarded-for", path)], b"{}")


async def test_sign_ins_by_outcome(recorded: Recorded, sqlite_url: str) -> None:
    unverified = EmailAndPasswordOptions(require_email_verification=True)
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        await service.sign_up()
        await service.sign_in()
        await service.sign_in(password="not hers")
        await service.sign_in(EMAIL, "x" * 5000)
    async with serving(sqlite_url, metrics_listen=LISTEN, email_and_password=unverified) as service:
        await service.sign_in()
    assert recorded.series("sign_ins_total") == {
        ("password", "ok"): 1,
        ("password", "wrong"): 1,
        ("password", "refused"): 1,
        ("password", "unverified"): 1,
    }
    assert recorded.series("sign_ups_total") == {("password",): 1}


async def test_sign_up_with_a_taken_address_is_none(recorded: Recorded, sqlite_url: str) -> None:
    """Its response may be that of a free one."""
    hidden = EmailAndPasswordOptions(auto_sign_in=False)
    async with serving(sqlite_url, metrics_listen=LISTEN, email_and_password=hidden) as service:
        first, second = await service.sign_up(), await service.sign_up()
        assert first.status == second.status == 200
    assert recorded.series("sign_ups_total") == {("password",): 1}


async def test_throttled_sign_ins_and_the_rules_that_refused_them(
    recorded: Recorded, sqlite_url: str
) -> None:
    limits = RateLimitOptions(enabled=True)
    async with serving(sqlite_url, metrics_listen=LISTEN, rate_limit=limits) as service:
        for _ in range(4):
            await service.sign_in()
        for number in range(11):  # each from an address of its own
            await service.post(
                "/sign-in/email",
                {"email": "other@example.com", "password": "wrong one"},
                peer=f"192.0.2.{number}",
            )
        for _ in range(4):
            await service.post("/request-password-reset", {"email": EMAIL})
        for _ in range(101):
            await service.get("/ok")
    assert recorded.get("sign_ins_total", method="password", outcome="throttled") == 2
    assert recorded.series("rate_limit_refusals_total") == {
        ("guessing",): 1,
        ("account",): 1,
        ("mailing",): 1,
        ("default",): 1,
    }


async def test_second_factor(recorded: Recorded, sqlite_url: str) -> None:
    async with guarded(sqlite_url, metrics_listen=LISTEN) as ada:
        before = recorded.series("sign_ins_total")
        await ada.sign_in()
        await ada.post("/two-factor/verify-totp", code="000000x")
        await ada.post("/two-factor/verify-totp", code=ada.code())
    assert before == {}  # nor is its set-up one
    assert recorded.series("sign_ins_total") == {
        ("password", "second_factor"): 1,
        ("second-factor", "wrong"): 1,
        ("second-factor", "ok"): 1,
    }


async def test_code_by_mail_signs_up_and_in(recorded: Recorded, sqlite_url: str) -> None:
    outbox = Outgoing()
    async with plugged_together(
        sqlite_url, EmailOtpOptions(), metrics_listen=LISTEN, mailer=outbox
    ) as service:
        await service.post("/email-otp/send-verification-otp", {"email": EMAIL, "type": "sign-in"})
        code = code_in(outbox)
        wrong = "111111" if code != "111111" else "222222"
        await service.post("/sign-in/email-otp", {"email": EMAIL, "otp": wrong})
        await service.post("/sign-in/email-otp", {"email": EMAIL, "otp": code})
    assert recorded.series("sign_ins_total") == {("email-otp", "wrong"): 1, ("email-otp", "ok"): 1}
    assert recorded.series("sign_ups_total") == {("email-otp",): 1}


async def test_ban(recorded: Recorded, sqlite_url: str) -> None:
    async with plugged_together(sqlite_url, AdminOptions(), metrics_listen=LISTEN) as service:
        await service.sign_up()
        await service.execute('UPDATE "user" SET banned = true')
        await service.sign_in()
    assert recorded.series("sign_ins_total") == {("password", "banned"): 1}


async def test_person_who_is_disabled(recorded: Recorded, sqlite_url: str) -> None:
    async with (
        serving(sqlite_url, metrics_listen=LISTEN) as service,
        operating(sqlite_url, service) as operator,
    ):
        await service.sign_up()
        user = await operator.users.find_by_email(EMAIL)
        assert user is not None
        await make_disabling(operator).disable(user, None, now())
        await service.sign_in()
    assert recorded.series("sign_ins_total") == {("password", "banned"): 1}


async def test_sessions(recorded: Recorded, sqlite_url: str) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        answer = await service.sign_up()
        await service.post("/sign-out", b"", browser(answer))
        kept = await service.sign_in()
        await service.sign_in()
        await service.post("/revoke-other-sessions", {}, browser(kept))
        await service.execute("UPDATE session SET \"expiresAt\" = '2001-01-01T00:00:00.000Z'")
        await service.get("/get-session", browser(kept))
    assert recorded.get("sessions_created_total") == 3
    assert recorded.series("sessions_ended_total") == {
        ("sign-out",): 1,
        ("revoked",): 1,
        ("expired",): 1,
    }


async def test_tokens(recorded: Recorded, sqlite_url: str) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        answer = await service.sign_up()
        await service.get("/token", browser(answer))
    assert recorded.get("tokens_issued_total", key="secret") >= 1  # type: ignore[operator]


async def test_hashes(recorded: Recorded, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        await service.sign_up()
        assert recorded.get("password_hash_seconds_count", step="work") == 1
        assert recorded.get("password_hash_seconds_count", step="wait") == 1
        assert recorded.get("password_hashes_waiting") == 0
    monkeypatch.setattr(hashing, "QUEUED_PER_THREAD", -1)
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        assert (await service.sign_in()).status == 503
    assert recorded.get("password_hashes_refused_total") == 1
    assert recorded.get("sign_ins_total", method="password", outcome="unavailable") == 1


async def test_pools_are_used_and_left(recorded: Recorded, sqlite_url: str) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        answer = await service.sign_up()
        await service.get("/list-sessions", browser(answer))
        async with service.database.begin():
            assert recorded.series("pool_connections_in_use") == {("writer",): 1}
            waiting = asyncio.create_task(service.sign_up("bob@example.com"))
            while not recorded.series("pool_requests_waiting"):  # noqa: ASYNC110 - counted elsewhere
                await asyncio.sleep(0.01)
        await waiting
    assert recorded.series("pool_connections_in_use") == {}
    assert recorded.series("pool_requests_waiting") == {}
    waits = recorded.series("pool_wait_seconds_count")
    assert waits["writer",] >= 2
    assert waits["readers",] >= 1
    assert recorded.get("sqlite_lock_wait_seconds_count") >= 2  # type: ignore[operator]


async def test_pools_of_postgres_are_used_and_left(recorded: Recorded, postgres_url: str) -> None:
    async with serving(postgres_url, metrics_listen=LISTEN) as service:
        answer = await service.sign_up()
        await service.get("/get-session", browser(answer))
        async with service.database.begin():
            assert recorded.get("pool_connections_in_use", pool="main") == 1
    assert recorded.series("pool_connections_in_use") == {}
    assert recorded.series("pool_requests_waiting") == {}
    assert recorded.series("pool_connections_limit") == {
        ("main",): 10,
        ("lookups",): 6,
        ("searches",): 4,
    }
    assert recorded.series("pool_wait_seconds_count").keys() >= {("main",), ("lookups",)}


async def test_errors_of_a_store_and_that_it_is_down(recorded: Recorded) -> None:
    now = 0.0
    outage = Outage("Redis", clock=lambda: now)
    outage.note(OSError("away"))
    outage.note(OSError("away"))
    assert recorded.series("store_errors_total") == {("redis",): 2}
    assert recorded.series("stores_unavailable") == {("redis",): 1}
    now += QUIET
    outage.end_if_quiet()
    assert recorded.series("stores_unavailable") == {}


async def test_rows_that_the_cleaning_deleted(recorded: Recorded, sqlite_url: str) -> None:
    async with serving(sqlite_url, metrics_listen=LISTEN) as service:
        await service.sign_up()
        await service.execute("UPDATE session SET \"expiresAt\" = '2001-01-01T00:00:00.000Z'")
        schema = SchemaState(adopted=False, tasks=False, tasks_required=False, current=True)
        await make_cleaner(service.settings, service.database, schema, pause=0).round()
    assert recorded.series("rows_removed_total") == {("sessions",): 1}


async def test_mails_by_outcome(recorded: Recorded) -> None:
    failures = iter((DeliveryFailed("later"), None, DeliveryFailed("no", final=True)))

    async def deliver(_: Message) -> None:
        if (failure := next(failures)) is not None:
            raise failure

    outbox = Outbox(deliver, waits=(0.0,))
    message = Message("a@example.com", "s", "t", "h", kind="reset-password")
    outbox.send(message)
    assert recorded.get("mails_waiting") == 1
    await asyncio.sleep(0.05)
    outbox.send(message)
    await outbox.close()
    assert recorded.get("mails_waiting") == 0
    assert recorded.series("mails_total") == {
        ("reset-password", "sent"): 1,
        ("reset-password", "retried"): 1,
        ("reset-password", "failed"): 1,
    }


def test_every_endpoint_that_signs_in_is_known() -> None:
    """Of all plugins: one that is not known would not be counted."""
    documents = [json.loads((ROOT / name).read_text()) for name in DOCUMENTS]
    paths = {path.removeprefix("/api/auth") for each in documents for path in each["paths"]}
    known = set(SIGN_INS_BY_PATH)
    assert known <= paths
    assert {path for path in paths if path.startswith(("/sign-in/", "/sign-up/"))} <= known | OTHERS
