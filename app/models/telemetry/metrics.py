"""All metrics of the service. docs/metrics.md has a row for each.

No label may have the id of a user, an address, a path, or anything else that a client chooses.
"""

from typing import Final, Literal, get_args

from .instruments import AnyInstrument, Counter, Gauge, Histogram, Label

Method = Literal["password", "email-otp", "magic-link", "anonymous", "second-factor"]
Outcome = Literal[
    "ok", "second_factor", "wrong", "throttled", "banned", "unverified", "unavailable", "refused"
]
TokenKey = Literal["secret", "key pair"]
SessionEnd = Literal[
    "address verified",
    "banned",
    "expired",
    "impersonation ended",
    "password changed",
    "password reset",
    "replaced",
    "revoked",
    "sign-out",
    "user deleted",
]
HashStep = Literal["wait", "work"]
PoolName = Literal["main", "lookups", "searches", "writer", "readers", "searchers"]
MailOutcome = Literal["sent", "retried", "failed"]
WebhookOutcome = Literal["delivered", "failed", "dead"]
RuleName = Literal["guessing", "mailing", "endpoint", "custom", "default", "account"]
StoreName = Literal["redis", "database_reading", "database_searching", "database_writing"]

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
OTHER_METHOD: Final = "OTHER"

_ROUTE: Final = Label("route", source="the template of the route, or `unmatched`")
_METHOD: Final = Label("method", source="the HTTP method, or `OTHER`")
_STATUS: Final = Label("status", source="the HTTP status; 499: the client did not wait")
_POOL: Final = Label("pool", get_args(PoolName))
_STORE: Final = Label("store", get_args(StoreName))

REQUESTS: Final = Counter[str, str, int](
    "better_auth_http_requests_total", "Answered requests.", _ROUTE, _METHOD, _STATUS
)
REQUEST_SECONDS: Final = Histogram[str, str](
    "better_auth_http_request_duration_seconds",
    "How long requests took until their responses were complete.",
    _ROUTE,
    _METHOD,
)

SIGN_INS: Final = Counter[Method, Outcome](
    "better_auth_sign_ins_total",
    "Requests to sign in, by their outcome.",
    Label("method", get_args(Method)),
    Label("outcome", get_args(Outcome)),
)
SIGN_UPS: Final = Counter[Method](
    "better_auth_sign_ups_total",
    "New users that signed up.",
    Label("method", get_args(Method)),
)
TOKENS_ISSUED: Final = Counter[TokenKey](
    "better_auth_tokens_issued_total",
    "Access tokens (JWT) that were issued, by what signs them.",
    Label("key", get_args(TokenKey)),
)
SESSIONS_CREATED: Final = Counter[()](
    "better_auth_sessions_created_total", "Sessions that were created."
)
SESSIONS_RENEWED: Final = Counter[()](
    "better_auth_sessions_renewed_total", "Sessions whose expiry was extended."
)
SESSIONS_ENDED: Final = Counter[SessionEnd](
    "better_auth_sessions_ended_total",
    "Sessions that ended. Of expired ones, those that a client sent again.",
    Label("why", get_args(SessionEnd)),
)

HASH_SECONDS: Final = Histogram[HashStep](
    "better_auth_password_hash_seconds",
    "How long a password hash waited for a thread, and how long it took there.",
    Label("step", get_args(HashStep)),
)
HASHES_WAITING: Final = Gauge[()](
    "better_auth_password_hashes_waiting", "Password hashes that wait for a thread."
)
HASHES_REFUSED: Final = Counter[()](
    "better_auth_password_hashes_refused_total",
    "Password hashes that were refused because too many were waiting (503).",
)

POOL_LIMIT: Final = Gauge[PoolName](
    "better_auth_pool_connections_limit", "Connections that a pool may have.", _POOL
)
POOL_USED: Final = Gauge[PoolName](
    "better_auth_pool_connections_in_use", "Connections of a pool that are in use.", _POOL
)
POOL_WAITING: Final = Gauge[PoolName](
    "better_auth_pool_requests_waiting", "Requests that wait for a connection of a pool.", _POOL
)
POOL_SECONDS: Final = Histogram[PoolName](
    "better_auth_pool_wait_seconds",
    "How long a request waited for a connection of a pool. The SQLite writer is a pool of one.",
    _POOL,
)
SQLITE_LOCK_SECONDS: Final = Histogram[()](
    "better_auth_sqlite_lock_wait_seconds",
    "How long the SQLite writer waited for the lock that other processes have.",
)
STORE_ERRORS: Final = Counter[StoreName](
    "better_auth_store_errors_total", "Requests to a store that failed.", _STORE
)
STORES_DOWN: Final = Gauge[StoreName](
    "better_auth_stores_unavailable", "Processes for which a store cannot be used now.", _STORE
)

MAILS: Final = Counter[str, MailOutcome](
    "better_auth_mails_total",
    "Mails that were sent, attempts that will be repeated, and mails that were given up.",
    Label("kind", source="the name of the template, or `other`"),
    Label("outcome", get_args(MailOutcome)),
)
MAILS_WAITING: Final = Gauge[()]("better_auth_mails_waiting", "Mails that are not sent yet.")
WEBHOOKS: Final = Counter[str, WebhookOutcome](
    "better_auth_webhooks_total",
    "Webhooks that were delivered, attempts that failed, and webhooks that were given up (`dead`).",
    Label("event", source="the type of the event, such as `user.created`"),
    Label("outcome", get_args(WebhookOutcome)),
)
WEBHOOKS_WAITING: Final = Gauge[()](
    "better_auth_webhooks_waiting", "Webhooks that are not delivered yet."
)
WEBHOOKS_OLDEST: Final = Gauge[()](
    "better_auth_webhooks_oldest_seconds", "How long the oldest of them has waited."
)
LIMITED: Final = Counter[RuleName](
    "better_auth_rate_limit_refusals_total",
    "Requests over a rate limit, and sign-ins that the login throttle refused (`account`).",
    Label("rule", get_args(RuleName)),
)
ROWS_REMOVED: Final = Counter[str](
    "better_auth_rows_removed_total",
    "Expired rows that the cleaning deleted.",
    Label("table", source="what they were, such as `sessions`"),
)

ALL: Final[tuple[AnyInstrument, ...]] = tuple(
    each for each in list(vars().values()) if isinstance(each, Counter | Gauge | Histogram)
)
