"""The composition root: every part is built here, once, and handed what it needs."""

import logging
import os
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import cast

from litestar import Litestar, Router
from litestar.exceptions import HTTPException, ValidationException
from litestar.routes import HTTPRoute
from msgspec import Struct

from app.bridge import Verifier
from app.bridge.litestar import requires_user
from app.database import Database, open_database
from app.errors import Refusal, StoreUnavailable
from app.resources import Resources
from app.restrictions import Restrictions
from app.schema import SchemaState, is_current, wanted_by
from app.secondary_storage import SecondaryStorage
from app.sessions.active.routes import ActiveSessionRoutes
from app.sessions.cookies import SessionCookies
from app.sessions.database_store import DatabaseSessions
from app.sessions.guard import Guard
from app.sessions.live import Live
from app.sessions.routes import SessionRoutes
from app.sessions.sessions import Sessions
from app.settings import Settings
from app.shapes import shapes
from app.tasks.routes import task_router
from app.tasks.tasks import Tasks
from app.tokens.issue import AccessTokens
from app.tokens.jwks import PublicKeys
from app.tokens.routes import TokenRoutes
from app.users.credentials import Credentials
from app.users.hashes import Kind
from app.users.passwords import Passwords
from app.users.routes import UserRoutes
from app.users.sign_in import SignIn
from app.users.sign_up import SignUp
from app.web.asgi import App
from app.web.client import ForwardingNotice
from app.web.cross_origin import Preflights, SharedHeaders
from app.web.docs import openapi_config, reference_handlers, viewer_handlers
from app.web.front import Front
from app.web.health import health_router
from app.web.openapi import StructSchemas
from app.web.origin import TrustedOrigins
from app.web.origin_notice import OriginNotice
from app.web.refusals import pass_on, render_fault, render_invalid_body, render_refusal
from app.web.request_log import RequestLog
from app.web.route_table import RouteTable
from app.web.status import status_handlers

_KINDS = {"argon2": Kind.ARGON2ID, "scrypt": Kind.SCRYPT, "bcrypt": Kind.BCRYPT}
_log = logging.getLogger(__name__)


class Parts(Struct, frozen=True):
    """What the routes of the service are made of."""

    settings: Settings
    resources: Resources
    schema: SchemaState
    trusted: TrustedOrigins

    @property
    def database(self) -> Database:
        return self.resources.database


def create_app(settings: Settings, resources: Resources, schema: SchemaState) -> App:
    """The whole service over what it holds open, as an ASGI application."""
    trusted = TrustedOrigins([settings.origin, *settings.trusted_origins])
    litestar = create_litestar(Parts(settings, resources, schema, trusted))
    routes = RouteTable(_methods_by_path(litestar, settings.auth_path))
    front = Front(cast("App", litestar), routes, settings, trusted, ForwardingNotice(_log.warning))
    logged = RequestLog(Preflights(front, trusted))
    return SharedHeaders(logged, settings, trusted, OriginNotice(_log.warning))


def create_litestar(parts: Parts) -> Litestar:
    """The typed routes, which the OpenAPI document describes."""
    return Litestar(
        [
            _auth_router(parts),
            *_task_routers(parts),
            health_router(partial(_readiness, parts)),
            *viewer_handlers(),
        ],
        exception_handlers={
            Refusal: render_refusal,
            HTTPException: render_fault,
            Exception: pass_on,
        },
        openapi_config=openapi_config(parts.settings),
        plugins=[StructSchemas()],
        logging_config=None,
    )


async def openapi_document() -> dict[str, object]:
    """What the service offers with every option at its default; connects to no database."""
    settings = Settings(secret=token_hex())
    unopened = await open_database("postgresql://localhost/never-reached")
    schema = SchemaState(adopted=False, tasks=True, tasks_wanted=True, current=True)
    parts = Parts(settings, Resources(unopened), schema, TrustedOrigins([settings.origin]))
    return create_litestar(parts).openapi_schema.to_schema()


async def _readiness(parts: Parts) -> dict[str, bool]:
    """What `/health/ready` reports."""
    storage = parts.resources.storage
    beside = {} if storage is None else {"storage": await _answers(storage)}
    try:
        await parts.database.ping()
        current = await is_current(parts.database, wanted_by(parts.settings))
    except StoreUnavailable:
        return {"database": False, "schema": False, **beside}
    return {"database": True, "schema": current, **beside}


async def _answers(storage: SecondaryStorage) -> bool:
    try:
        await storage.ping()
    except StoreUnavailable:
        return False
    return True


def _auth_router(parts: Parts) -> Router:
    settings, database, records = parts.settings, parts.database, shapes()
    restrictions = Restrictions(parts.schema.restrictions)
    store = DatabaseSessions(database, records, restrictions)
    sessions = Sessions(store, settings.session, records.session)
    cookies = SessionCookies(settings)
    guard = Guard(sessions, cookies)
    passwords, policy = _passwords(settings, parts.schema), settings.email_and_password
    credentials = Credentials(database, records.user, restrictions)
    tokens = AccessTokens(settings, names_email=not parts.schema.adopted)
    users = UserRoutes(
        SignUp(policy, database, records.user, passwords, sessions),
        SignIn(policy, database, credentials, passwords, sessions),
        cookies,
        parts.trusted,
    )

    def access_token(live: Live, now: datetime) -> str:
        return tokens.issue(live.user, live.session, now)

    return Router(
        settings.auth_path,
        route_handlers=[
            *users.handlers(),
            *SessionRoutes(settings, sessions, guard, access_token).handlers(),
            *ActiveSessionRoutes(guard, store).handlers(),
            *TokenRoutes(guard, tokens, PublicKeys(database)).handlers(),
            *status_handlers(),
            *reference_handlers(),
        ],
        exception_handlers={ValidationException: render_invalid_body},
    )


def _task_routers(parts: Parts) -> list[Router]:
    settings = parts.settings
    if not parts.schema.tasks or settings.task_api is False:
        return []
    verifier = Verifier(
        settings.access_token_secrets,
        issuer=settings.jwt.issuer or settings.origin,
        audience=settings.jwt.audience,
    )
    return [task_router(Tasks(parts.database), requires_user(verifier))]


def _passwords(settings: Settings, schema: SchemaState) -> Passwords:
    """Stored hashes are left as they are where a Node server reads them and nobody said to."""
    return Passwords(
        Kind(settings.password_hash or schema.password_hash),
        threads=max(1, len(os.sched_getaffinity(0)) // settings.workers),
        kinds=[_KINDS[name] for name in schema.hashes if name in _KINDS],
        upgrade=settings.password_hash is not None or not schema.adopted,
    )


def _methods_by_path(litestar: Litestar, base: str) -> Mapping[str, frozenset[str]]:
    """The routes below the base path, by the template that follows it."""
    return {
        route.path_format.removeprefix(base): frozenset(route.methods) - {"OPTIONS"}
        for route in litestar.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(f"{base}/")
    }
