"""The composition root: it builds every object once, with what it needs."""

import logging
from collections.abc import Sequence
from functools import partial
from secrets import token_hex

from litestar import Litestar, Router
from litestar.exceptions import HTTPException

from ..auth.accounts.accounts import Accounts
from ..auth.accounts.routes import AccountRoutes
from ..auth.change_email.change_email import EmailChange
from ..auth.change_email.routes import EmailChangeRoutes
from ..auth.change_password.change_password import OwnPassword
from ..auth.change_password.routes import PasswordRoutes
from ..auth.delete_user.delete_user import Deletion
from ..auth.delete_user.mailed_link import DeletionProofs
from ..auth.delete_user.removal import Removal
from ..auth.delete_user.routes import DeletionRoutes
from ..auth.email_password.routes import UserRoutes
from ..auth.email_password.sign_in import SignIn
from ..auth.email_password.sign_up import Hashing, SignUp
from ..auth.email_verification.open_link import MailedLinks
from ..auth.email_verification.owners import LinkOwners
from ..auth.email_verification.requests import VerificationRequests
from ..auth.email_verification.routes import VerificationRoutes
from ..auth.email_verification.verified_addresses import ProvenAddresses
from ..auth.reset_password.requests import Outgoing, ResetRequests
from ..auth.reset_password.reset_password import PasswordReset
from ..auth.reset_password.routes import ResetRoutes
from ..auth.sessions.active_routes import ActiveSessionRoutes
from ..auth.sessions.routes import SessionRoutes
from ..auth.sessions.update_routes import UpdateSessionRoutes
from ..auth.social.routes import SocialRoutes
from ..auth.status import StatusRoutes
from ..auth.update_user.routes import ProfileRoutes
from ..bridge import Authenticator, Verifier
from ..bridge.litestar import requires_user
from ..models.errors import StoreUnavailable
from ..plugins.jwt.routes import TokenRoutes
from ..schema.requirements import derive_requirements
from ..schema.state import SchemaState, is_current
from ..settings.environment import SettingsError
from ..settings.origin_validation import find_shared_patterns
from ..settings.settings import Settings
from ..storage.database import open_database
from ..storage.secondary import SecondaryStorage
from ..tasks.routes import task_router
from ..tasks.tasks import Tasks
from ..web.endpoint import Route
from ..web.health import health_router
from ..web.http.asgi import App
from ..web.http.client import ForwardingNotice
from ..web.http.error_page import home_of
from ..web.http.litestar_caches import forgetting
from ..web.litestar_handlers import list_handlers, pass_on, render_fault
from ..web.middleware.front_controller import Defences, Front
from ..web.middleware.request_log import RequestLog
from ..web.middleware.route_table import RouteTable
from ..web.openapi.docs import ReferenceRoutes, openapi_config, viewer_handlers
from ..web.openapi.document import complete_document
from ..web.openapi.operations import StructSchemas
from ..web.origins.cors import Preflights, SharedHeaders
from ..web.origins.expo import ExpoOrigin
from ..web.origins.notice import OriginNotice
from .container import Parts
from .resources import Resources

_log = logging.getLogger("app.server")


def create_app(settings: Settings, resources: Resources, schema: SchemaState) -> App:
    """Returns the whole service as an ASGI application, over open resources."""
    parts = Parts(settings, resources, schema)
    routes, trusted = list_routes(parts), parts.trusted
    _refuse_taken(routes, settings)
    litestar = create_litestar(parts, routes)
    defences = Defences(trusted, ForwardingNotice(_log.warning), parts.rate_limits)
    front = Front(forgetting(litestar), RouteTable(routes), settings, defences)
    for line in find_shared_patterns(settings.trusted_origins):
        _log.warning(line)
    logged = RequestLog(Preflights(front, trusted), settings.advanced.ip_address)
    shared = SharedHeaders(logged, settings, trusted, OriginNotice(_log.warning))
    return shared if settings.expo.disable_origin_override else ExpoOrigin(shared)


def _refuse_taken(routes: Sequence[Route], settings: Settings) -> None:
    """Raises `SettingsError` where the one path that a setting chooses is another route's."""
    path = settings.jwt.jwks.jwks_path
    if [route.endpoint.place for route in routes].count(f"GET {path}") > 1:
        line = f"BETTER_AUTH_JWT_JWKS_JWKS_PATH: {path} is the path of another route"
        raise SettingsError((f"{line}, choose one such as /.well-known/jwks.json",))


def create_litestar(parts: Parts, routes: Sequence[Route]) -> Litestar:
    """All routes, and the OpenAPI document of them."""
    settings = parts.settings
    complete = partial(complete_document, routes, settings.auth_path)
    return Litestar(
        [
            *list_handlers(routes, settings.auth_path),
            *_task_routers(parts),
            health_router(partial(_readiness, parts)),
            *(viewer_handlers() if settings.offers_docs else ()),
        ],
        exception_handlers={HTTPException: render_fault, Exception: pass_on},
        openapi_config=openapi_config(settings, complete) if settings.offers_docs else None,
        plugins=[StructSchemas()],
        logging_config=None,
    )


async def openapi_document() -> dict[str, object]:
    """Returns the OpenAPI document with all options at their defaults. Needs no database."""
    settings = Settings(secret=token_hex())
    unopened = await open_database("postgresql://localhost/never-reached")
    schema = SchemaState(adopted=False, tasks=True, tasks_required=True, current=True)
    parts = Parts(settings, Resources(unopened), schema)
    routes = list_routes(parts)
    document = create_litestar(parts, routes).openapi_schema.to_schema()
    return complete_document(routes, settings.auth_path, document)


async def _readiness(parts: Parts) -> dict[str, bool]:
    """Returns what `/health/ready` reports."""
    storage = parts.resources.storage
    beside = {} if storage is None else {"storage": await _answers(storage)}
    try:
        await parts.database.ping()
        current = await is_current(parts.database, derive_requirements(parts.settings))
    except StoreUnavailable:
        return {"database": False, "schema": False, **beside}
    return {"database": True, "schema": current, **beside}


async def _answers(storage: SecondaryStorage) -> bool:
    try:
        await storage.ping()
    except StoreUnavailable:
        return False
    return True


def list_routes(parts: Parts) -> list[Route]:
    """The endpoints below the base path, each with what answers it."""
    settings = parts.settings
    routes = [
        *_users(parts).routes(),
        *_reset(parts).routes(),
        *_passwords(parts).routes(),
        *_verification(parts).routes(),
        *_email_change(parts).routes(),
        *_deletion(parts).routes(),
        *_social(parts).routes(),
        *AccountRoutes(parts.guard, _accounts(parts)).routes(),
        *ProfileRoutes(parts.guard, parts.profile).routes(),
        *_sessions(parts).routes(),
        *UpdateSessionRoutes(parts.guard, parts.sessions).routes(),
        *ActiveSessionRoutes(parts.guard, parts.session_store).routes(),
        *_tokens(parts).routes(),
        *_status(settings).routes(),
    ]
    if settings.offers_docs:
        complete = partial(complete_document, routes, settings.auth_path)
        return [*routes, *ReferenceRoutes(complete).routes()]
    return routes


def _users(parts: Parts) -> UserRoutes:
    policy, database = parts.settings.email_and_password, parts.database
    # Where no link can be mailed, none could tell whose password counts.
    rivals = parts.rivals if parts.verification_mail.is_enabled else None
    hashing = Hashing(parts.passwords, rivals)
    return UserRoutes(
        SignUp(policy, database, parts.mappers.user, hashing, parts.sessions),
        SignIn(policy, database, parts.credentials, parts.checks, parts.sessions),
        parts.cookies,
        parts.verification_mail,
    )


def _reset(parts: Parts) -> ResetRoutes:
    policy, kept = parts.settings.email_and_password, parts.verifications
    auth_emails = parts.auth_emails if parts.settings.sends_reset_password else None
    outgoing = Outgoing(auth_emails, parts.resources.later)
    requests = ResetRequests(policy, parts.users, kept, parts.links, outgoing)
    reset = PasswordReset(policy, parts.users, parts.checks, kept, parts.session_store)
    return ResetRoutes(requests, reset, parts.links)


def _passwords(parts: Parts) -> PasswordRoutes:
    policy, database = parts.settings.email_and_password, parts.database
    own = OwnPassword(policy, database, parts.credentials, parts.checks, parts.sessions)
    return PasswordRoutes(parts.guard, own)


def _verification(parts: Parts) -> VerificationRoutes:
    mail, guard = parts.verification_mail, parts.guard
    proven = ProvenAddresses(parts.users, parts.sessions, parts.database, parts.rivals)
    owners = LinkOwners(parts.users, parts.credentials)
    links = MailedLinks(parts.link_tokens, owners, proven, mail, guard)
    requests = VerificationRequests(parts.users, mail, parts.resources.later)
    return VerificationRoutes(requests, links, guard)


def _email_change(parts: Parts) -> EmailChangeRoutes:
    options = parts.settings.user.change_email
    change = EmailChange(options, parts.users, parts.verification_mail)
    return EmailChangeRoutes(parts.guard, change)


def _deletion(parts: Parts) -> DeletionRoutes:
    settings, options = parts.settings, parts.settings.user.delete_user
    removal = Removal(
        settings.email_and_password,
        parts.database,
        parts.credentials,
        parts.checks,
        parts.session_store,
    )
    auth_emails = (
        parts.auth_emails if settings.user.delete_user.send_delete_account_verification else None
    )
    proofs = DeletionProofs(options, parts.verifications, parts.links, auth_emails)
    deletion = Deletion(removal, proofs, parts.sessions) if options.enabled else None
    return DeletionRoutes(deletion, parts.guard)


def _social(parts: Parts) -> SocialRoutes:
    settings = parts.settings
    base = settings.origin + settings.auth_path
    return SocialRoutes(parts.guard, base, settings.on_api_error.error_url)


def _accounts(parts: Parts) -> Accounts:
    linking = parts.settings.account.account_linking
    return Accounts(parts.database, allow_unlinking_all=linking.allow_unlinking_all)


def _sessions(parts: Parts) -> SessionRoutes:
    header = not parts.settings.jwt.disable_setting_jwt_header
    access_token = parts.tokens.issue if header else None
    return SessionRoutes(parts.sessions, parts.guard, parts.cookies, access_token)


def _status(settings: Settings) -> StatusRoutes:
    return StatusRoutes(settings.on_api_error.error_url, home_of(settings.trusted_origins))


def _tokens(parts: Parts) -> TokenRoutes:
    path = parts.settings.jwt.jwks.jwks_path
    return TokenRoutes(parts.guard, parts.tokens, parts.public_keys, jwks_path=path)


def _task_routers(parts: Parts) -> list[Router]:
    if not parts.schema.tasks or parts.settings.offers_tasks is False:
        return []
    return [task_router(Tasks(parts.database), requires_user(_verifier(parts)))]


def _verifier(parts: Parts) -> Authenticator:
    """Returns the verifier of the tokens of this service."""
    settings = parts.settings
    if settings.jwt.alg == "HS256":
        issuer = settings.jwt.issuer or settings.origin
        audience = settings.jwt.audience
        return Verifier(settings.access_token_secrets, issuer=issuer, audience=audience)
    from ..plugins.jwt.verifier import verifier  # noqa: PLC0415 - cryptography

    return verifier(settings, parts.public_keys)
