"""The tables of Better Auth 1.7.7 as its own migration makes them, where they are not there yet."""

from alembic import context, op
from sqlalchemy import text

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None

_TYPES = {
    "sqlite": {
        "flag": "integer",
        "time": "date",
        "stamp": "date not null",
    },
    "postgresql": {
        "flag": "boolean",
        "time": "timestamptz",
        "stamp": "timestamptz default CURRENT_TIMESTAMP not null",
    },
}
_TABLES = (
    """create table if not exists "user" ("id" text not null primary key, "name" text not null, \
"email" text not null unique, "emailVerified" {flag} not null, "image" text, \
"createdAt" {stamp}, "updatedAt" {stamp}{user_fields})""",
    """create table if not exists "session" ("id" text not null primary key, \
"expiresAt" {time} not null, "token" text not null unique, "createdAt" {stamp}, \
"updatedAt" {time} not null, "ipAddress" text, "userAgent" text, \
"userId" text not null references "user" ("id") on delete cascade{session_fields})""",
    """create table if not exists "account" ("id" text not null primary key, \
"accountId" text not null, "providerId" text not null, \
"userId" text not null references "user" ("id") on delete cascade, \
"accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" {time}, \
"refreshTokenExpiresAt" {time}, "scope" text, "password" text, "createdAt" {stamp}, \
"updatedAt" {time} not null)""",
    """create table if not exists "verification" ("id" text not null primary key, \
"identifier" text not null, "value" text not null, "expiresAt" {time} not null, \
"createdAt" {stamp}, "updatedAt" {stamp})""",
    """create table if not exists "jwks" ("id" text not null primary key, \
"publicKey" text not null, "privateKey" text not null, "createdAt" {time} not null, \
"expiresAt" {time}, "alg" text, "crv" text)""",
)
_INDEXES = (
    'create index if not exists "session_userId_idx" on "session" ("userId")',
    'create index if not exists "account_userId_idx" on "account" ("userId")',
    'create index if not exists "verification_identifier_idx" on "verification" ("identifier")',
)
_ORIGINS = {
    True: "insert into better_auth_origin (origin) values ('adopted')",
    False: "insert into better_auth_origin (origin) values ('made')",
}


def upgrade() -> None:
    plan = context.config.attributes["plan"]
    types = _TYPES[op.get_context().dialect.name]
    more = {f"{table}_fields": plan.render_columns(table) for table in ("user", "session")}
    for statement in _TABLES:
        op.execute(text(statement.format(**types, **more).replace(":", r"\:")))
    for statement in _INDEXES:
        op.execute(statement)
    op.execute("create table better_auth_origin (origin text not null primary key)")
    op.execute(_ORIGINS[plan.adopted])
