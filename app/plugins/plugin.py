"""What a plugin adds to the service, and what it may use of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from msgspec import Struct, field

from ..auth.accounts.accounts import Accounts
from ..auth.background_tasks import BackgroundTasks
from ..auth.crypto.signatures import Signatures
from ..auth.delete_user.removal import Removal
from ..auth.email_password.sign_in import SignIn
from ..auth.email_password.sign_in_responses import SignInResponses
from ..auth.email_verification.mail import VerificationMail
from ..auth.email_verification.verified_addresses import VerifiedAddresses
from ..auth.hooks import Hooks
from ..auth.passwords.current_password import CurrentPassword
from ..auth.passwords.hashing import Passwords
from ..auth.passwords.password_accounts import PasswordAccounts
from ..auth.sessions.cookies import SessionCookies
from ..auth.sessions.guard import Guard
from ..auth.sessions.sessions import Sessions
from ..auth.sessions.signed_cookie import SignedCookie
from ..auth.sessions.store import SessionStore
from ..auth.users.creation import UserCreation
from ..auth.users.users import Users
from ..auth.verifications.database import Verifications
from ..bridge import Authenticator
from ..mail.auth_emails import AuthEmails
from ..mail.links import Links
from ..models.additional_fields import AdditionalField
from ..models.errors import Refusal
from ..models.mappers import Mappers
from ..models.tables import Tables
from ..schema.branch import Branch
from ..schema.state import SchemaState
from ..settings.cookie_options import CookieAttributes
from ..settings.option_types import TableNames
from ..settings.plugin_settings import MailTemplate, PluginSettings
from ..settings.settings import Settings
from ..storage.database import Database
from ..web.endpoint import Route
from ..web.origins.trusted_origins import TrustedOrigins
from ..web.rate_rule import RateLimits

O = TypeVar("O", bound=Struct)  # noqa: E741  # the options


class Services(Protocol):
    """The parts of the service that plugins may use. Each is made when it is first used."""

    @property
    def settings(self) -> Settings: ...
    @property
    def schema(self) -> SchemaState: ...
    @property
    def database(self) -> Database: ...
    @property
    def background(self) -> BackgroundTasks: ...
    @property
    def hooks(self) -> Hooks: ...
    @property
    def mappers(self) -> Mappers: ...
    @property
    def tables(self) -> Tables:
        """The tables of this database; `make` returns those of a plugin."""
        ...

    @property
    def trusted(self) -> TrustedOrigins: ...
    @property
    def signatures(self) -> Signatures: ...
    @property
    def cookies(self) -> SessionCookies: ...
    @property
    def guard(self) -> Guard: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def users(self) -> Users: ...
    @property
    def user_creation(self) -> UserCreation: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def password_accounts(self) -> PasswordAccounts: ...
    @property
    def passwords(self) -> Passwords: ...
    @property
    def current_password(self) -> CurrentPassword: ...
    @property
    def session_store(self) -> SessionStore: ...
    @property
    def sign_in(self) -> SignIn: ...
    @property
    def sign_in_responses(self) -> SignInResponses: ...
    @property
    def removal(self) -> Removal: ...
    @property
    def verification_mail(self) -> VerificationMail: ...
    @property
    def verified_addresses(self) -> VerifiedAddresses: ...
    @property
    def rate_limits(self) -> RateLimits | None:
        """Returns None if nothing is limited."""
        ...

    @property
    def verifications(self) -> Verifications: ...
    @property
    def links(self) -> Links: ...
    @property
    def auth_emails(self) -> AuthEmails | None:
        """Returns None if no mail is sent."""
        ...

    def make_cookie(self, key: str, attributes: CookieAttributes = ...) -> SignedCookie:
        """Returns the cookie with the key `key` of Better Auth."""
        ...


class BuiltPlugin(Struct, frozen=True, kw_only=True):
    """What a plugin that is on adds to the service.

    `more_responses` are examples of responses that other endpoints get by the plugin, by method
    and path (`POST /sign-in/email`), `more_refusals` the refusals that its hooks raise there.
    `chosen_paths` are the methods and paths that a variable chooses, by the variable.
    `authenticator` verifies the access tokens that the plugin issues.
    """

    routes: Sequence[Route] = ()
    more_responses: Mapping[str, Mapping[str, object]] = {}
    more_refusals: Mapping[str, Sequence[type[Refusal]]] = {}
    chosen_paths: Mapping[str, str] = {}
    hooks: Hooks = field(default_factory=Hooks)
    authenticator: Authenticator | None = None


class Plugin(Generic[O]):
    """A plugin, with the `id` of Better Auth. A subclass overrides what the plugin needs.

    `options` are read from `BETTER_AUTH_<ID>_…`. `branches` are its migrations, `cookies` the keys
    of its cookies, `lifts` the columns of `user` that no longer refuse a session.
    """

    id: ClassVar[str]
    options: type[O]
    always_on: ClassVar[bool] = False
    branches: ClassVar[tuple[Branch, ...]] = ()
    cookies: ClassVar[tuple[str, ...]] = ()
    lifts: ClassVar[frozenset[str]] = frozenset()

    def list_user_fields(self, options: O) -> tuple[AdditionalField, ...]:
        """Returns the columns of `user` that these options require."""
        return ()

    def list_session_fields(self, options: O) -> tuple[AdditionalField, ...]:
        """Returns the columns of `session` that these options require."""
        return ()

    def list_mails(self, options: O) -> tuple[MailTemplate, ...]:
        """Returns the kinds of mail that the plugin sends with these options."""
        return ()

    def list_branches(self, options: O) -> tuple[str, ...]:
        """Returns the labels of the `branches` whose tables these options require."""
        return tuple(branch.label for branch in self.branches)

    def list_table_names(self, options: O) -> Mapping[str, TableNames]:
        """Returns what the options say about the names of tables, by Better Auth's names."""
        return {}

    def list_adoption_notices(self, options: O) -> tuple[str, ...]:
        """Returns lines for `migrate` on a database that a Node server made."""
        return ()

    def find_faults(self, settings: Settings) -> Iterable[str]:
        """Returns a line for each invalid option, with its variable and what to do."""
        return ()

    def build(self, services: Services) -> BuiltPlugin:
        """Returns what the plugin adds. Called once for each application if the plugin is on."""
        raise NotImplementedError

    def enable(self, options: O) -> PluginSettings:
        """Returns the data of the plugin for the settings."""
        return PluginSettings(
            id=self.id,
            options=options,
            user_fields=self.list_user_fields(options),
            session_fields=self.list_session_fields(options),
            cookies=self.cookies,
            mails=self.list_mails(options),
            branches=self.list_branches(options),
            lifts=self.lifts,
            table_names=self.list_table_names(options),
            adoption_notices=self.list_adoption_notices(options),
        )

    def find_options(self, settings: Settings) -> O | None:
        """Returns the options of the plugin, None if it is off."""
        for plugin in settings.plugins:
            if plugin.id == self.id:
                assert isinstance(plugin.options, self.options)
                return plugin.options
        return self.options() if self.always_on else None

    def get_options(self, settings: Settings) -> O:
        """Returns the options of the plugin, which must be on."""
        options = self.find_options(settings)
        assert options is not None, f"{self.id} is off"
        return options


AnyPlugin = Plugin[Any]
