"""The spans of a request, and its line in the log."""

import asyncio
from collections.abc import Iterator, Mapping

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from app.auth.webhooks.queue import QueuedEvent
from app.commands import serve as command
from app.mail.mailer import Message
from app.mail.outbox import DeliveryFailed, Outbox
from app.models.clock import now, to_iso
from app.models.telemetry.spans import find_span_recorder, set_span_recorder
from app.server.resources import open_storage
from app.server.telemetry import tracing
from app.server.telemetry.exporting import ExportedTraces
from app.server.webhooks.sender import WebhookSender
from app.server.webhooks.signatures import WebhookSigner
from app.settings.environment import SettingsError
from app.settings.settings import Settings
from app.storage.statement_spans import describe_statement
from tests.support.asgi import call
from tests.support.logged import Lines
from tests.support.metrics import LISTEN
from tests.support.service import EMAIL, PASSWORD, SECRET, browser, serving
from tests.support.webhooks import SECRET as WEBHOOK_SECRET
from tests.support.webhooks import Reply, receiving

pytestmark = pytest.mark.anyio
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = ("traceparent", f"00-{TRACE}-{PARENT}-01")


class Traces:
    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        processor = SimpleSpanProcessor(self.exporter)
        self.tracing = ExportedTraces.start("better-auth", "1.0", processor)

    def spans(self) -> list[ReadableSpan]:
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def names(self) -> list[str]:
        return [span.name for span in self.spans()]

    def get(self, name: str) -> ReadableSpan:
        return next(span for span in self.spans() if span.name == name)


@pytest.fixture
def traces() -> Iterator[Traces]:
    found = Traces()
    yield found
    found.tracing.stop()
    assert find_span_recorder() is None


def attributes(span: ReadableSpan) -> Mapping[str, object]:
    return dict(span.attributes or {})


async def test_sign_in_has_a_span_for_each_part(traces: Traces, database_url: str) -> None:
    async with serving(database_url, tracing=traces.tracing) as service:
        await service.sign_up()
        traces.exporter.clear()
        answer = await service.sign_in()
        assert answer.status == 200
    request = traces.get("POST /api/auth/sign-in/email")
    assert request.kind is SpanKind.SERVER
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/api/auth/sign-in/email",
        "http.response.status_code": 200,
        "url.scheme": "http",
    }
    names = traces.names()
    assert names[0] == request.name
    assert {"SELECT user", "password hash wait", "password hash", "transaction"} <= set(names)
    assert "INSERT session" in names
    assert request.context is not None
    for span in traces.spans()[1:]:
        assert span.parent is not None
        assert span.parent.span_id == request.context.span_id, span.name
    statement = traces.get("INSERT session")
    system = "postgresql" if database_url.startswith("postgres") else "sqlite"
    assert attributes(statement) == {
        "db.system.name": system,
        "db.operation.name": "INSERT",
        "db.collection.name": "session",
    }
    assert statement.kind is SpanKind.CLIENT


@pytest.mark.engines("sqlite")
async def test_no_span_has_a_value(traces: Traces, database_url: str) -> None:
    async with serving(database_url, tracing=traces.tracing) as service:
        answer = await service.sign_up()
        signed_in = answer.json()
        await service.get("/list-sessions", browser(answer))
        await service.get("/reset-password/a-secret-token?callbackURL=/x", browser(answer))
        await service.post("/update-user", {"name": "Countess"}, browser(answer))
        await service.sign_up()
    said = " ".join(span.to_json() for span in traces.spans())
    values = (signed_in["token"], signed_in["user"]["id"], EMAIL, PASSWORD, "Countess", SECRET)
    for value in (*values, "a-secret-token", "127.0.0.1", "Ada", "callbackURL"):
        assert value not in said


@pytest.mark.engines("sqlite")
async def test_refusal_is_told_and_an_odd_method_is_not(traces: Traces, database_url: str) -> None:
    async with serving(database_url, tracing=traces.tracing) as service:
        await service.sign_in()
        await call(service.app, "PROPFIND", "/odd-path")
    refused = traces.get("POST /api/auth/sign-in/email")
    assert attributes(refused)["better_auth.refusal"] == "INVALID_EMAIL_OR_PASSWORD"
    assert refused.status.is_unset
    other = traces.get("HTTP")
    assert attributes(other)["http.request.method"] == "_OTHER"
    assert "odd-path" not in other.to_json()


@pytest.mark.engines("sqlite")
async def test_trace_of_the_front_end_goes_on(
    traces: Traces, database_url: str, log: Lines
) -> None:
    async with serving(database_url, tracing=traces.tracing, metrics_listen=LISTEN) as service:
        await service.get("/ok", [TRACEPARENT])
        await service.get("/ok")
        await service.get("/ok", [("traceparent", "00-odd")])
        await asyncio.sleep(0)  # lines are written when the event loop turns
    continued, *begun = traces.spans()
    assert continued.context is not None
    assert continued.parent is not None
    assert f"{continued.context.trace_id:032x}" == TRACE
    assert f"{continued.parent.span_id:016x}" == PARENT
    assert all(span.parent is None for span in begun)
    logged = [line["trace_id"] for line in log() if line.get("route") == "/api/auth/ok"]
    assert logged == [f"{span.context.trace_id:032x}" for span in traces.spans() if span.context]


@pytest.mark.engines("sqlite")
async def test_without_a_collector_the_log_has_the_trace(database_url: str, log: Lines) -> None:
    two = [TRACEPARENT, TRACEPARENT]
    async with serving(database_url) as service:
        await service.get("/ok", [TRACEPARENT])
        await service.get("/ok", two)
        await service.get("/ok")
        await asyncio.sleep(0)
    first, *others = log()
    assert first["trace_id"] == TRACE
    assert all("trace_id" not in line for line in others)


@pytest.mark.engines("sqlite")
async def test_work_of_no_request_has_no_span(traces: Traces, database_url: str) -> None:
    async with serving(database_url, tracing=traces.tracing) as service:
        async with service.database.begin():
            pass
        await service.database.ping()
    assert traces.spans() == []


async def test_failed_statement_has_its_kind_and_no_message(
    traces: Traces, database_url: str
) -> None:
    async with serving(database_url, tracing=traces.tracing) as service:
        await service.sign_up()
        await service.execute('ALTER TABLE "user" RENAME TO "users_of_before"')
        traces.exporter.clear()
        answer = await service.sign_up("bob@example.com")
        assert answer.status == 500
    request = traces.get("POST /api/auth/sign-up/email")
    assert not request.status.is_ok
    assert attributes(request)["error.type"] in {"500", "ProgrammingError", "OperationalError"}
    failed = [span for span in traces.spans()[1:] if "error.type" in attributes(span)]
    assert failed
    assert all("bob" not in span.to_json() for span in traces.spans())


@pytest.mark.engines("sqlite")
async def test_mail_has_a_span_for_each_attempt(traces: Traces, database_url: str) -> None:
    failures = iter((DeliveryFailed("later"), None))

    async def deliver(_: Message) -> None:
        if (failure := next(failures)) is not None:
            raise failure

    outbox = Outbox(deliver, waits=(0.0,))
    async with serving(database_url, tracing=traces.tracing, mailer=outbox) as service:
        await service.sign_up()
        await service.post("/request-password-reset", {"email": EMAIL, "redirectTo": "/"})
        await outbox.close()
    sent = [span for span in traces.spans() if span.name == "send mail"]
    assert [attributes(span).get("error.type") for span in sent] == ["DeliveryFailed", None]
    assert attributes(sent[0])["better_auth.mail"] == "reset-password"
    assert all(EMAIL not in span.to_json() for span in traces.spans())


async def test_webhook_has_a_trace_of_its_own_for_each_attempt(traces: Traces) -> None:
    at = to_iso(now())
    event = QueuedEvent(1, "msg_1", "ada", "user.created", '{"email":"@"}', at, at, 0)
    with receiving() as receiver:
        signer = WebhookSigner([WEBHOOK_SECRET])
        sender = WebhookSender(receiver.url, signer, allow_private=True, connections=1)
        await sender.send(event)
        receiver.reply = lambda _: Reply(500)
        await sender.send(event)
        await sender.close()
    sent = traces.spans()
    assert [span.name for span in sent] == ["send webhook"] * 2
    assert attributes(sent[0]) == {"better_auth.webhook": "user.created"}
    assert "error.type" in attributes(sent[1])
    assert all("@" not in span.to_json() and "msg_1" not in span.to_json() for span in sent)


@pytest.mark.engines("sqlite")
async def test_redis_has_a_span_for_each_command(
    traces: Traces, database_url: str, redis_url: str
) -> None:
    storage = open_storage(Settings(secret=SECRET, redis_url=redis_url))
    assert storage is not None
    async with serving(
        database_url, tracing=traces.tracing, storage=storage, redis_url=redis_url
    ) as service:
        answer = await service.sign_up()
        await service.get("/get-session", browser(answer))
    await storage.close()
    commands = [
        span for span in traces.spans() if attributes(span).get("db.system.name") == "redis"
    ]
    assert {"SET", "GET"} <= {span.name for span in commands}
    token = answer.json()["token"]
    assert all(token not in span.to_json() for span in commands)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ('SELECT "user".id FROM "user" WHERE id = ?', "SELECT user"),
        ('INSERT INTO "session" (id) VALUES ($1) RETURNING id', "INSERT session"),
        ('UPDATE "account" SET a = ?', "UPDATE account"),
        ("DELETE FROM verification WHERE 1", "DELETE verification"),
        (
            'INSERT INTO "better_auth_service"."audit_event" (id) VALUES ($1)',
            "INSERT better_auth_service.audit_event",
        ),
        ("SELECT current_setting('transaction_read_only')", "SELECT"),
        ("PRAGMA data_version", "PRAGMA"),
        ("", "SQL"),
    ],
)
def test_statement_is_named_by_operation_and_table(sql: str, name: str) -> None:
    assert describe_statement(sql, "sqlite")[0] == name


def test_missing_sdk_is_one_line_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(secret=SECRET, otel_exporter_otlp_endpoint="http://localhost:4318")
    monkeypatch.setattr(tracing, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"pip install .* -r requirements-otel\.txt$"):
        command._run(settings, migrates=False)
    with pytest.raises(SettingsError):
        tracing.start_tracing(settings)
    assert tracing.start_tracing(Settings(secret=SECRET)) is None
    set_span_recorder(None)
