"""The composition root: it builds every object once, with what it needs."""

import logging
from collections.abc import Sequence
from functools import partial
from secrets import token_hex

from litestar import Litestar, Router
from litestar.exceptions import HTTPException

from ..auth.accounts.routes import AccountRoutes
from ..auth.change_email.change_email import EmailChange
from ..auth.change_email.routes import EmailChangeRoutes
from ..auth.change_password.change_password import PasswordChange
from ..auth.change_password.routes import PasswordRoutes
from ..auth.delete_user.delete_user import Deletion
from ..auth.delete_user.mailed_link import DeletionLinks
from ..auth.delete_user.removal import Removal
from ..auth.delete_user.routes import DeletionRoutes
from ..auth.email_password.routes import UserRoutes
from ..auth.email_password.sign_in import SignIn
from ..auth.email_password.sign_up import Hashing, SignUp
from ..auth.email_verification.link_users import LinkUsers
from ..auth.email_verification.open_link import MailedLinks
from ..auth.email_verification.requests import VerificationRequests
from ..auth.email_verification.routes import VerificationRoutes
from ..auth.email_verification.verified_addresses import VerifiedAddresses
from ..auth.reset_password.requests import ResetDelivery, ResetRequests
from ..auth.reset_password.reset_password import PasswordReset
from ..auth.reset_password.routes import ResetRoutes
from ..auth.sessions.active_routes import ActiveSessionRoutes
from ..auth.sessions.routes import SessionRoutes
from ..auth.sessions.update_routes import UpdateSessionRoutes
from ..auth.social.routes import SocialRoutes
from ..auth.status import StatusRoutes
from ..auth.update_user.routes import ProfileRoutes
from ..bridge.litestar import requires_user
from ..models.errors import StoreUnavailable
from ..plugins.plugin import AnyPlugin, Feature
from ..schema.state import SchemaState, is_current
from ..settings.environment import SettingsError
from ..settings.origin_validation import find_shared_patterns
from ..settings.settings import Settings
from ..storage.database import open_database
from ..storage.secondary import SecondaryStorage
from ..tasks.routes import make_task_router
from ..tasks.tasks import Tasks
from ..web.endpoint import Route
from ..web.health import make_health_router
from ..web.http.asgi import App
from ..web.http.client import ForwardingNotice
from ..web.http.error_page import find_home_page
from ..web.http.litestar_caches import clear_caches
from ..web.litestar_handlers import list_handlers, pass_on, render_fault
from ..web.middleware.front_controller import FrontController, FrontDependencies
from ..web.middleware.request_log import RequestLog
from ..web.middleware.route_table import RouteTable
from ..web.openapi.docs import ReferenceRoutes, list_viewer_handlers, make_openapi_config
from ..web.openapi.document import complete_document
from ..web.openapi.operations import StructSchemas
from ..web.origins.cors import Preflights, SharedHeaders
from ..web.origins.expo import ExpoOrigin
from ..web.origins.notice import OriginNotice
from .container import Container
from .plugins import PLUGINS, derive_requirements
from .resources import Resources

_log = logging.getLogger("app.server")


def create_app(
    settings: Settings,
    resources: Resources,
    schema: SchemaState,
    plugins: Sequence[AnyPlugin] = PLUGINS,
) -> App:
    """Returns the whole service as an ASGI application, over open resources."""
    container = Container(settings, resources, schema, plugins)
    routes, trusted = list_routes(container), container.trusted
    _refuse_taken(routes, container.features)
    litestar = create_litestar(container, routes)
    defences = FrontDependencies(trusted, ForwardingNotice(_log.warning), container.rate_limits)
    front = FrontController(clear_caches(litestar), RouteTable(routes), settings, defences)
    for line in find_shared_patterns(settings.trusted_origins):
        _log.warning(line)
    logged = RequestLog(Preflights(front, trusted), settings.advanced.ip_address)
    shared = SharedHeaders(logged, settings, trusted, OriginNotice(_log.warning))
    return shared if settings.expo.disable_origin_override else ExpoOrigin(shared)


def _refuse_taken(routes: Sequence[Route], features: Sequence[Feature]) -> None:
    """Raises `SettingsError` if a path that an option chooses is the path of another endpoint."""
    places = [route.endpoint.place for route in routes]
    for feature in features:
        for variable, place in feature.chosen_places.items():
            if places.count(place) > 1:
                line = f"{variable}: {place.partition(' ')[2]} is the path of another endpoint"
                raise SettingsError((f"{line}, choose one such as /.well-known/jwks.json",))


def create_litestar(container: Container, routes: Sequence[Route]) -> Litestar:
    """All routes, and the OpenAPI document of them."""
    settings = container.settings
    complete = partial(complete_document, routes, settings.auth_path)
    return Litestar(
        [
            *list_handlers(routes, settings.auth_path),
            *_task_routers(container),
            make_health_router(partial(_readiness, container)),
            *(list_viewer_handlers() if settings.offers_docs else ()),
        ],
        exception_handlers={HTTPException: render_fault, Exception: pass_on},
        openapi_config=make_openapi_config(settings, complete) if settings.offers_docs else None,
        plugins=[StructSchemas()],
        logging_config=None,
    )


async def openapi_document() -> dict[str, object]:
    """Returns the OpenAPI document with all options at their defaults. Needs no database."""
    settings = Settings(secret=token_hex())
    unopened = await open_database("postgresql://localhost/never-reached")
    schema = SchemaState(adopted=False, tasks=True, tasks_required=True, current=True)
    container = Container(settings, Resources(unopened), schema)
    routes = list_routes(container)
    document = create_litestar(container, routes).openapi_schema.to_schema()
    return complete_document(routes, settings.auth_path, document)


async def _readiness(container: Container) -> dict[str, bool]:
    """Returns what `/health/ready` reports."""
    storage = container.resources.storage
    beside = {} if storage is None else {"storage": await _answers(storage)}
    try:
        await container.database.ping()
        current = await is_current(container.database, derive_requirements(container.settings))
    except StoreUnavailable:
        return {"database": False, "schema": False, **beside}
    return {"database": True, "schema": current, **beside}


async def _answers(storage: SecondaryStorage) -> bool:
    try:
        await storage.ping()
    except StoreUnavailable:
        return False
    return True


def list_routes(container: Container) -> list[Route]:
    """The endpoints below the base path, each with what answers it."""
    settings = container.settings
    routes = [
        *_users(container).list_routes(),
        *_reset(container).list_routes(),
        *_passwords(container).list_routes(),
        *_verification(container).list_routes(),
        *_email_change(container).list_routes(),
        *_deletion(container).list_routes(),
        *_social(container).list_routes(),
        *AccountRoutes(container.guard, container.accounts).list_routes(),
        *ProfileRoutes(container.guard, container.profile).list_routes(),
        *_sessions(container).list_routes(),
        *UpdateSessionRoutes(container.guard, container.sessions).list_routes(),
        *_active_sessions(container).list_routes(),
        *(route for feature in container.features for route in feature.routes),
        *_status(settings).list_routes(),
    ]
    for feature in container.features:
        routes = [_add_responses(route, feature) for route in routes]
    if settings.offers_docs:
        complete = partial(complete_document, routes, settings.auth_path)
        return [*routes, *ReferenceRoutes(complete).list_routes()]
    return routes


def _add_responses(route: Route, feature: Feature) -> Route:
    responses = feature.more_responses.get(route.endpoint.place)
    return route if responses is None else route.with_responses(responses)


def _users(container: Container) -> UserRoutes:
    options, database = container.settings.email_and_password, container.database
    # Where no link can be mailed, none could tell whose password counts.
    pending = container.pending if container.verification_mail.is_enabled else None
    hashing = Hashing(container.passwords, pending)
    return UserRoutes(
        SignUp(options, database, container.user_creation, hashing, container.sessions),
        SignIn(
            options,
            database,
            container.password_accounts,
            container.password_checker,
            container.sessions,
        ),
        container.guard,
        container.verification_mail,
    )


def _reset(container: Container) -> ResetRoutes:
    options, kept = container.settings.email_and_password, container.verifications
    auth_emails = container.auth_emails if container.settings.sends_reset_password else None
    outgoing = ResetDelivery(auth_emails, container.resources.background)
    requests = ResetRequests(options, container.users, kept, container.links, outgoing)
    reset = PasswordReset(
        options, container.users, container.password_checker, kept, container.session_store
    )
    return ResetRoutes(requests, reset, container.links)


def _passwords(container: Container) -> PasswordRoutes:
    options, database = container.settings.email_and_password, container.database
    own = PasswordChange(
        options,
        database,
        container.password_accounts,
        container.password_checker,
        container.sessions,
    )
    return PasswordRoutes(container.guard, own)


def _verification(container: Container) -> VerificationRoutes:
    mail, guard = container.verification_mail, container.guard
    verified = VerifiedAddresses(
        container.users, container.sessions, container.database, container.pending
    )
    owners = LinkUsers(container.users, container.password_accounts)
    links = MailedLinks(container.link_tokens, owners, verified, mail, guard)
    requests = VerificationRequests(container.users, mail, container.resources.background)
    return VerificationRoutes(requests, links, guard)


def _email_change(container: Container) -> EmailChangeRoutes:
    options = container.settings.user.change_email
    change = EmailChange(options, container.users, container.verification_mail)
    return EmailChangeRoutes(container.guard, change)


def _deletion(container: Container) -> DeletionRoutes:
    settings, options = container.settings, container.settings.user.delete_user
    removal = Removal(
        settings.email_and_password,
        container.database,
        container.password_accounts,
        container.password_checker,
        container.session_store,
    )
    auth_emails = (
        container.auth_emails
        if settings.user.delete_user.send_delete_account_verification
        else None
    )
    proofs = DeletionLinks(options, container.verifications, container.links, auth_emails)
    deletion = Deletion(removal, proofs, container.sessions) if options.enabled else None
    return DeletionRoutes(deletion, container.guard)


def _social(container: Container) -> SocialRoutes:
    settings = container.settings
    base = settings.origin + settings.auth_path
    return SocialRoutes(container.guard, base, settings.on_api_error.error_url)


def _sessions(container: Container) -> SessionRoutes:
    return SessionRoutes(container.sessions, container.guard, container.cookies)


def _active_sessions(container: Container) -> ActiveSessionRoutes:
    return ActiveSessionRoutes(container.guard, container.session_store, container.hooks)


def _status(settings: Settings) -> StatusRoutes:
    return StatusRoutes(settings.on_api_error.error_url, find_home_page(settings.trusted_origins))


def _task_routers(container: Container) -> list[Router]:
    """Returns none if no plugin issues access tokens."""
    verifiers = [each.authenticator for each in container.features if each.authenticator]
    is_on = container.schema.tasks and container.settings.offers_tasks is not False
    if not is_on or not verifiers:
        return []
    return [make_task_router(Tasks(container.database), requires_user(verifiers[0]))]
