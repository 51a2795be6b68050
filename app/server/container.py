"""Creates the objects of the application, each one once, at its first use."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from ..auth.accounts.accounts import Accounts
from ..auth.background_tasks import BackgroundTasks
from ..auth.crypto.signatures import Signatures
from ..auth.delete_user.removal import Removal
from ..auth.email_password.sign_in import SignIn
from ..auth.email_password.sign_in_responses import SignInResponses
from ..auth.email_verification.link_tokens import LinkTokens
from ..auth.email_verification.mail import VerificationDelivery, VerificationMail
from ..auth.email_verification.pending_passwords import PendingPasswords
from ..auth.email_verification.verified_addresses import VerifiedAddresses
from ..auth.hooks import Hooks
from ..auth.passwords.current_password import CurrentPassword
from ..auth.passwords.hashes import Kind
from ..auth.passwords.hashing import Passwords
from ..auth.passwords.login_throttle import LoginThrottle
from ..auth.passwords.password_accounts import PasswordAccounts
from ..auth.rate_limits.database import DatabaseRateLimits
from ..auth.rate_limits.memory import MemoryRateLimits
from ..auth.rate_limits.secondary import StorageRateLimits
from ..auth.restrictions import Restrictions, list_refusals
from ..auth.sessions.cache.cookie_cache import CookieCache
from ..auth.sessions.cookies import SessionCookies
from ..auth.sessions.database_store import DatabaseSessions
from ..auth.sessions.guard import Guard
from ..auth.sessions.mirrored_store import MirroredSessions
from ..auth.sessions.secondary_store import StorageSessions
from ..auth.sessions.sessions import Sessions
from ..auth.sessions.signed_cookie import SignedCookie
from ..auth.sessions.store import SessionStore
from ..auth.update_user.update_user import Profile
from ..auth.users.creation import UserCreation
from ..auth.users.users import Users
from ..auth.verifications.database import DatabaseVerifications, Verifications
from ..auth.verifications.secondary import MirroredVerifications, StoredVerifications
from ..mail.auth_emails import AuthEmails, read_link_lifetimes
from ..mail.links import Links
from ..mail.templates import Templates
from ..models.mappers import Mappers, make_mappers
from ..models.tables import IMPERSONATION_COLUMN, Tables, make_tables
from ..plugins.plugin import AnyPlugin, BuiltPlugin
from ..schema.state import SchemaState
from ..settings.cookie_definitions import resolve_cookie
from ..settings.cookie_options import CookieAttributes
from ..settings.settings import Settings
from ..settings.system import count_cores
from ..storage.database import Database
from ..web.origins.trusted_origins import TrustedOrigins
from ..web.rate_rule import RateLimits
from .plugins import PLUGINS
from .resources import Resources

_NOTHING: Final = CookieAttributes()
_KINDS: Final = {
    "argon2": Kind.ARGON2ID,
    "scrypt": Kind.SCRYPT,
    "bcrypt": Kind.BCRYPT,
    "pbkdf2": Kind.PBKDF2,
}


class Container:
    """The settings, what is held open, and all that is made of them.

    Plugins that are on add their hooks, unless a test has `plugins` of its own.
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
        self.hooks = Hooks()
        on = [plugin for plugin in plugins if plugin.find_options(settings) is not None]
        self.built_plugins: Sequence[BuiltPlugin] = [plugin.build(self) for plugin in on]
        for plugin in self.built_plugins:
            self.hooks.extend(plugin.hooks)
        lifts = frozenset(name for plugin in settings.plugins for name in plugin.lifts)
        refusals = list_refusals(self.database, self.restrictions, schema, lifts)
        self.hooks.before_session_created.extend(refusals)

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
        settings, storage = self.settings, self.resources.storage
        if not settings.rate_limit.enabled:
            return None
        if settings.rate_limit_storage == "database":
            return DatabaseRateLimits(self.database, self.tables)
        if settings.rate_limit_storage == "secondary-storage" and storage is not None:
            return StorageRateLimits(storage)
        return MemoryRateLimits()

    @cached_property
    def current_password(self) -> CurrentPassword:
        throttle = LoginThrottle(self.rate_limits, self.users, self.settings.secret)
        return CurrentPassword(self.password_accounts, self.passwords, throttle)

    @cached_property
    def tables(self) -> Tables:
        """The tables as this database names and stores them."""
        return make_tables(self.schema.layout)

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
        storage, options = self.resources.storage, self.settings.session
        if storage is None:
            return self._make_rows(preserve=False)
        cached = StorageSessions(
            storage,
            self.mappers,
            self.database,
            self.restrictions,
            expires_in=options.expires_in,
        )
        if not options.store_session_in_database:
            return cached
        preserve = options.preserve_session_in_database
        return MirroredSessions(cached, self._make_rows(preserve=preserve), preserve=preserve)

    def _make_rows(self, *, preserve: bool) -> DatabaseSessions:
        marked = self.schema.layout.describe_table("session").describe_column(IMPERSONATION_COLUMN)
        return DatabaseSessions(
            self.database,
            self.mappers,
            self.restrictions,
            preserve=preserve,
            impersonated_by=marked.name if self.schema.has_impersonation else None,
        )

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.session_store, self.settings.session, self.mappers.session, self.hooks)

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
        return Guard(self.sessions, self.cookies)

    @cached_property
    def users(self) -> Users:
        return Users(self.database, self.mappers.user, self.session_store, self.hooks)

    @cached_property
    def user_creation(self) -> UserCreation:
        return UserCreation(self.database, self.mappers.user, self.hooks, self.background)

    @cached_property
    def accounts(self) -> Accounts:
        linking = self.settings.account.account_linking
        return Accounts(self.database, self.tables, allow_unlinking_all=linking.allow_unlinking_all)

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
            Kind(settings.password_hash or schema.password_hash),
            threads=max(1, count_cores() // settings.workers),
            kinds=[_KINDS[name] for name in schema.hashes if name in _KINDS],
            upgrade=settings.password_hash is not None or not schema.adopted,
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
            self.session_store,
            self.tables,
        )

    @cached_property
    def verified_addresses(self) -> VerifiedAddresses:
        return VerifiedAddresses(self.users, self.sessions, self.database, self.pending)

    @cached_property
    def verifications(self) -> Verifications:
        options, storage = self.settings.verification, self.resources.storage
        rows = DatabaseVerifications(self.database, self.tables, options)
        if storage is None:
            return rows
        kept = StoredVerifications(storage, options, self.database)
        return MirroredVerifications(kept, rows) if options.store_in_database else kept

    @cached_property
    def links(self) -> Links:
        return Links(self.settings)

    @cached_property
    def auth_emails(self) -> AuthEmails | None:
        """None where no mail is sent. Raises `TemplateError`."""
        mailer, settings = self.resources.mailer, self.settings
        if mailer is None:
            return None
        of_plugins = (mail for plugin in settings.plugins for mail in plugin.mails)
        templates = Templates.load(settings.mail_templates, of_plugins)
        return AuthEmails(mailer, templates, settings.origin, read_link_lifetimes(settings))

    @cached_property
    def link_tokens(self) -> LinkTokens:
        age = self.settings.email_verification.expires_in
        return LinkTokens(self.settings.current_and_former_secrets, expires_in=age)

    @cached_property
    def verification_mail(self) -> VerificationMail:
        auth_emails = self.auth_emails if self.settings.sends_verification_email else None
        tokens, links = self.link_tokens, self.links
        delivery = VerificationDelivery(auth_emails, self.hooks.send_verification)
        return VerificationMail(self.settings, tokens, links, self.verifications, delivery)

    @cached_property
    def pending(self) -> PendingPasswords:
        age = self.settings.email_verification.expires_in
        return PendingPasswords(
            self.database,
            self.password_accounts,
            self.verifications,
            self.session_store,
            expires_in=age,
        )
