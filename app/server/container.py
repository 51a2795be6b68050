"""Creates the objects of the application, each one once, at its first use."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from ..auth.accounts.accounts import Accounts
from ..auth.audit.audit import Audit
from ..auth.background_tasks import BackgroundTasks
from ..auth.crypto.signatures import Signatures
from ..auth.delete_user.removal import Removal
from ..auth.disabled_users.disabled_users import DisabledUsers, RecentlyDisabled
from ..auth.email_password.sign_in import SignIn
from ..auth.email_password.sign_in_responses import SignInResponses
from ..auth.email_verification.link_tokens import LinkTokens
from ..auth.email_verification.mail import VerificationDelivery, VerificationMail
from ..auth.email_verification.pending_passwords import PendingPasswords
from ..auth.email_verification.verified_addresses import VerifiedAddresses
from ..auth.hooks import Hooks
from ..auth.passwords.current_password import CurrentPassword
from ..auth.passwords.decoys import list_decoys
from ..auth.passwords.hashes import Kind, Scheme
from ..auth.passwords.hashing import Passwords
from ..auth.passwords.login_throttle import LoginThrottle
from ..auth.passwords.password_accounts import PasswordAccounts
from ..auth.restrictions import Restrictions, list_refusals
from ..auth.sessions.cache.cookie_cache import CookieCache
from ..auth.sessions.cookies import SessionCookies
from ..auth.sessions.ends import SessionEnds
from ..auth.sessions.guard import Guard
from ..auth.sessions.sessions import Sessions
from ..auth.sessions.signed_cookie import SignedCookie
from ..auth.sessions.store import SessionStore
from ..auth.update_user.update_user import Profile
from ..auth.users.creation import UserCreation
from ..auth.users.users import Users
from ..auth.verifications.database import Verifications
from ..auth.webhooks.outbox import WebhookOutbox
from ..mail.auth_emails import AuthEmails, read_link_lifetimes
from ..mail.links import Links
from ..mail.templates import load_templates
from ..models.mappers import Mappers, make_mappers
from ..models.tables import Tables, make_tables
from ..plugins.plugin import AnyPlugin, BuiltPlugin
from ..schema.state import SchemaState
from ..settings.cookie_definitions import resolve_cookie
from ..settings.cookie_options import CookieAttributes
from ..settings.settings import Settings
from ..settings.system import count_cores
from ..storage.database import Database
from ..web.origins.trusted_origins import TrustedOrigins
from ..web.rate_rule import RateLimits
from .plugins import PLUGINS, list_enabled
from .resources import Resources
from .stores import choose_audit, choose_rate_limits, choose_session_store, choose_verifications

_NOTHING: Final = CookieAttributes()


class Container:
    """The settings, what is held open, and all that is made of them.

    Plugins that are on add their hooks, unless a test has `plugins` of its own. The functions of
    users, in `resources.hooks`, come last.
    """

    def __init__(
        self,
        settings: Settings,
        resources: Resources,
        schema: SchemaState,
        plugins: Sequence[AnyPlugin] = PLUGINS,
    ) -> None:
        self.settings = settings
        self.resources = resources
        self.schema = schema
        self.webhook_added = asyncio.Event()
        self.hooks = Hooks()
        on = list_enabled(settings, plugins)
        self.built_plugins: Sequence[BuiltPlugin] = [plugin.build(self) for plugin in on]
        for plugin in self.built_plugins:
            self.hooks.extend(plugin.hooks)
        lifts = frozenset(name for plugin in settings.plugins for name in plugin.lifts)
        refusals = list_refusals(self.database, self.restrictions, schema, lifts)
        self.hooks.before_session_created.extend(refusals)
        self._refuse_disabled_users()
        if resources.hooks is not None:
            self.hooks.extend(resources.hooks.bind(resources.background))
        if settings.webhook_url is not None:
            self.hooks.extend(self._make_webhook_outbox(settings.webhook_events).make_hooks())

    def _make_webhook_outbox(self, events: Sequence[str]) -> WebhookOutbox:
        return WebhookOutbox(self.tables, self.mappers.user, events, self.webhook_added.set)

    def _refuse_disabled_users(self) -> None:
        """Adds the hooks for them, which say so before a plugin says something else."""
        disabled, hooks = DisabledUsers(self.database, self.tables), self.hooks
        judges = hooks.before_session_created
        judges[:] = [disabled.wrap(judge) for judge in judges]
        hooks.session_checks.append(disabled.list_checks)
        hooks.challenge_found.append(disabled.judge_challenge)

    def make_cookie(self, key: str, attributes: CookieAttributes = _NOTHING) -> SignedCookie:
        """Returns the cookie with the key `key` of Better Auth."""
        return SignedCookie(resolve_cookie(self.settings, key, attributes), self.signatures)

    @property
    def background(self) -> BackgroundTasks:
        return self.resources.background

    @cached_property
    def signatures(self) -> Signatures:
        return Signatures(self.settings)

    @property
    def database(self) -> Database:
        return self.resources.database

    @cached_property
    def trusted(self) -> TrustedOrigins:
        return TrustedOrigins([self.settings.origin, *self.settings.trusted_origins])

    @cached_property
    def rate_limits(self) -> RateLimits | None:
        """Where requests and wrong passwords are counted; None where nothing is limited."""
        return choose_rate_limits(self.settings, self.resources, self.tables)

    @cached_property
    def current_password(self) -> CurrentPassword:
        throttle = LoginThrottle(self.rate_limits, self.users, self.settings.secret, self.hooks)
        return CurrentPassword(self.password_accounts, self.passwords, throttle)

    @cached_property
    def tables(self) -> Tables:
        """The tables as this database names and stores them."""
        return make_tables(self.schema.layout)

    @cached_property
    def audit(self) -> Audit:
        return choose_audit(self.settings, self.resources, self.schema, self.tables)

    @cached_property
    def mappers(self) -> Mappers:
        options = self.settings.session
        in_database = self.resources.storage is None or options.store_session_in_database
        return make_mappers(
            self.settings.additional_fields,
            self.database.dialect,
            self.tables,
            stored=not in_database,
        )

    @cached_property
    def restrictions(self) -> Restrictions:
        users = self.schema.layout.describe_table("user")
        return Restrictions(self.schema.restrictions, self.mappers.user.table, users)

    @cached_property
    def session_store(self) -> SessionStore:
        settings, mappers, restrictions = self.settings, self.mappers, self.restrictions
        return choose_session_store(settings, self.resources, self.schema, mappers, restrictions)

    @cached_property
    def sessions(self) -> Sessions:
        ends = SessionEnds(self.session_store, self.database, self.hooks, self.audit)
        return Sessions(ends, self.settings.session, self.mappers.session)

    @cached_property
    def cookies(self) -> SessionCookies:
        return SessionCookies(self.settings, self.cookie_cache, self.hooks)

    @cached_property
    def cookie_cache(self) -> CookieCache | None:
        """It is not believed where the database may bar a user whom a cookie does not."""
        if not self.settings.session.cookie_cache.enabled:
            return None
        believes = not self.restrictions.list_columns()
        return CookieCache(self.settings, self.mappers, believes=believes)

    @cached_property
    def guard(self) -> Guard:
        options = self.settings.session.cookie_cache
        recent = RecentlyDisabled(self.database, self.tables, options.max_age)
        return Guard(self.sessions, self.cookies, recent.is_barred if options.enabled else None)

    @cached_property
    def users(self) -> Users:
        mapper, store = self.mappers.user, self.session_store
        return Users(self.database, mapper, store, self.hooks, self.audit)

    @cached_property
    def user_creation(self) -> UserCreation:
        return UserCreation(self.database, self.mappers.user, self.hooks, self.background)

    @cached_property
    def accounts(self) -> Accounts:
        linking = self.settings.account.account_linking
        unlinks_all = linking.allow_unlinking_all
        return Accounts(self.database, self.tables, self.audit, allow_unlinking_all=unlinks_all)

    @cached_property
    def profile(self) -> Profile:
        return Profile(self.users, self.mappers.user)

    @cached_property
    def password_accounts(self) -> PasswordAccounts:
        return PasswordAccounts(self.database, self.mappers.user, self.tables)

    @cached_property
    def passwords(self) -> Passwords:
        """Stored hashes are left as they are where a Node server reads them and nobody said to."""
        settings, schema = self.settings, self.schema
        return Passwords(
            Scheme(Kind(settings.password_hash or schema.password_hash), settings.argon2_cost),
            threads=max(1, count_cores() // settings.workers // settings.argon2_parallelism),
            decoys=list_decoys(schema.hashes),
            upgrade=settings.password_hash is not None or not schema.adopted,
            hooks=self.hooks,
        )

    @cached_property
    def sign_in(self) -> SignIn:
        return SignIn(
            self.settings.email_and_password,
            self.database,
            self.current_password,
            self.sessions,
        )

    @cached_property
    def sign_in_responses(self) -> SignInResponses:
        return SignInResponses(self.sign_in, self.guard, self.verification_mail)

    @cached_property
    def removal(self) -> Removal:
        return Removal(
            self.settings.email_and_password,
            self.database,
            self.current_password,
            self.sessions,
            self.tables,
        )

    @cached_property
    def verified_addresses(self) -> VerifiedAddresses:
        accounts, sessions = self.password_accounts, self.sessions
        return VerifiedAddresses(self.users, accounts, sessions, self.database, self.pending)

    @cached_property
    def verifications(self) -> Verifications:
        return choose_verifications(self.settings, self.resources, self.tables)

    @cached_property
    def links(self) -> Links:
        return Links(self.settings)

    @cached_property
    def auth_emails(self) -> AuthEmails | None:
        """None where no mail is sent. Raises `TemplateError`."""
        mailer, settings = self.resources.mailer, self.settings
        if mailer is None:
            return None
        templates = load_templates(settings)
        return AuthEmails(mailer, templates, settings.origin, read_link_lifetimes(settings))

    @cached_property
    def link_tokens(self) -> LinkTokens:
        age = self.settings.email_verification.expires_in
        return LinkTokens(self.settings.current_and_former_secrets, expires_in=age)

    @cached_property
    def verification_mail(self) -> VerificationMail:
        auth_emails = self.auth_emails if self.settings.sends_verification_email else None
        tokens, links = self.link_tokens, self.links
        delivery = VerificationDelivery(auth_emails, self.hooks)
        return VerificationMail(self.settings, tokens, links, self.verifications, delivery)

    @cached_property
    def pending(self) -> PendingPasswords:
        age = self.settings.email_verification.expires_in
        accounts, kept, store = self.password_accounts, self.verifications, self.session_store
        return PendingPasswords(self.database, accounts, kept, store, expires_in=age)
