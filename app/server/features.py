"""Builds the endpoints of all features, each with what it needs."""

from ..auth.accounts.routes import AccountRoutes
from ..auth.change_email.change_email import EmailChange
from ..auth.change_email.routes import EmailChangeRoutes
from ..auth.change_password.change_password import PasswordChange
from ..auth.change_password.routes import PasswordRoutes
from ..auth.delete_user.delete_user import Deletion
from ..auth.delete_user.mailed_link import DeletionLinks
from ..auth.delete_user.routes import DeletionRoutes
from ..auth.email_password.routes import UserRoutes
from ..auth.email_password.sign_up import Hashing, SignUp
from ..auth.email_verification.link_users import LinkUsers
from ..auth.email_verification.open_link import MailedLinks
from ..auth.email_verification.routes import VerificationRoutes
from ..auth.reset_password.reset_password import PasswordReset
from ..auth.reset_password.routes import ResetRoutes
from ..auth.sessions.active_routes import ActiveSessionRoutes
from ..auth.sessions.routes import SessionRoutes
from ..auth.sessions.update_routes import UpdateSessionRoutes
from ..auth.social.routes import SocialRoutes
from ..auth.status import StatusRoutes
from ..auth.update_user.routes import ProfileRoutes
from ..plugins.plugin import BuiltPlugin
from ..settings.settings import Settings
from ..web.endpoint import Route
from ..web.http.error_page import find_home_page
from .container import Container
from .operation import make_reset_requests, make_verification_requests


def list_routes(container: Container) -> list[Route]:
    """The endpoints below the base path, each with what answers it."""
    settings = container.settings
    routes = [
        *_make_user_routes(container).list_routes(),
        *_make_reset_routes(container).list_routes(),
        *_make_password_routes(container).list_routes(),
        *_make_verification_routes(container).list_routes(),
        *_make_change_email_routes(container).list_routes(),
        *_make_deletion_routes(container).list_routes(),
        *_make_social_routes(container).list_routes(),
        *AccountRoutes(container.guard, container.accounts).list_routes(),
        *ProfileRoutes(container.guard, container.profile).list_routes(),
        *_make_session_routes(container).list_routes(),
        *UpdateSessionRoutes(container.guard, container.sessions).list_routes(),
        *_make_active_session_routes(container).list_routes(),
        *(route for plugin in container.built_plugins for route in plugin.routes),
        *_make_status_routes(settings).list_routes(),
    ]
    for plugin in container.built_plugins:
        routes = [_add_to_route(route, plugin) for route in routes]
    return routes


def _add_to_route(route: Route, plugin: BuiltPlugin) -> Route:
    where = route.endpoint.method_and_path
    changed = {
        *plugin.more_responses,
        *plugin.more_refusals,
        *plugin.more_body_examples,
        *plugin.checks,
    }
    if where not in changed:
        return route
    return route.with_more(
        responses=plugin.more_responses.get(where, {}),
        refusals=plugin.more_refusals.get(where, ()),
        body_examples=plugin.more_body_examples.get(where, {}),
        checks=plugin.checks.get(where, ()),
    )


def _make_user_routes(container: Container) -> UserRoutes:
    options, database = container.settings.email_and_password, container.database
    # Where no link can be mailed, none could tell whose password counts.
    pending = container.pending if container.verification_mail.is_enabled else None
    hashing = Hashing(container.passwords, container.password_accounts, pending)
    return UserRoutes(
        SignUp(options, database, container.user_creation, hashing, container.sessions),
        container.sign_in,
        container.sign_in_responses,
        container.guard,
        container.verification_mail,
    )


def _make_reset_routes(container: Container) -> ResetRoutes:
    options, kept = container.settings.email_and_password, container.verifications
    requests = make_reset_requests(container)
    reset = PasswordReset(
        options, container.users, container.current_password, kept, container.sessions.ends
    )
    return ResetRoutes(requests, reset, container.links)


def _make_password_routes(container: Container) -> PasswordRoutes:
    options, database = container.settings.email_and_password, container.database
    own = PasswordChange(
        options,
        database,
        container.current_password,
        container.sessions,
    )
    return PasswordRoutes(container.guard, own)


def _make_verification_routes(container: Container) -> VerificationRoutes:
    mail, guard = container.verification_mail, container.guard
    owners = LinkUsers(container.users, container.password_accounts)
    links = MailedLinks(container.link_tokens, owners, container.verified_addresses, mail, guard)
    requests = make_verification_requests(container)
    return VerificationRoutes(requests, links, guard)


def _make_change_email_routes(container: Container) -> EmailChangeRoutes:
    options = container.settings.user.change_email
    accounts, mail = container.password_accounts, container.verification_mail
    change = EmailChange(options, container.users, accounts, mail)
    return EmailChangeRoutes(container.guard, change)


def _make_deletion_routes(container: Container) -> DeletionRoutes:
    settings, options = container.settings, container.settings.user.delete_user
    auth_emails = (
        container.auth_emails
        if settings.user.delete_user.send_delete_account_verification
        else None
    )
    links = DeletionLinks(options, container.verifications, container.links, auth_emails)
    deletion = Deletion(container.removal, links, container.sessions) if options.enabled else None
    return DeletionRoutes(deletion, container.guard)


def _make_social_routes(container: Container) -> SocialRoutes:
    settings = container.settings
    base = settings.origin + settings.auth_path
    return SocialRoutes(container.guard, base, settings.on_api_error.error_url)


def _make_session_routes(container: Container) -> SessionRoutes:
    return SessionRoutes(container.sessions, container.guard, container.cookies)


def _make_active_session_routes(container: Container) -> ActiveSessionRoutes:
    return ActiveSessionRoutes(container.guard, container.sessions)


def _make_status_routes(settings: Settings) -> StatusRoutes:
    return StatusRoutes(settings, find_home_page(settings.trusted_origins))
