"""What a plugin adds to the service, and what it may use of it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from msgspec import Struct, field

from ..auth.accounts.accounts import Accounts
from ..auth.audit.audit import Audit
from ..auth.background_tasks import BackgroundTasks
from ..auth.crypto.key_pairs import KeyPairs
from ..auth.crypto.secret_uses import SecretUses
from ..auth.crypto.signatures import Signatures
from ..auth.delete_user.removal import Removal
from ..auth.email_password.sign_in import SignIn
from ..auth.email_password.sign_in_responses import SignInResponses
from ..auth.email_verification.mail import VerificationMail
from ..auth.email_verification.verified_addresses import VerifiedAddresses
from ..auth.hooks import Hooks
from ..auth.operators.administration import Administration
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
from ..models.records import Session, User
from ..models.tables import Tables
from ..schema.branch import Branch
from ..schema.state import SchemaState
from ..settings.cookie_options import CookieAttributes
from ..settings.option_types import TableNames
from ..settings.plugin_settings import MailTemplate, PluginSettings
from ..settings.settings import Settings
from ..storage.database import Database
from ..web.endpoint import Check, Route
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
    def audit(self) -> Audit: ...
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


class TokenIssuer(Struct, frozen=True):
    """Issues the access token of a session. It is valid for `expires_in` seconds."""

    issue: Callable[[User, Session, datetime], Awaitable[str]]
    expires_in: int


class BuiltPlugin(Struct, frozen=True, kw_only=True):
    """What a plugin that is on adds to the service.

    `tags` are the names under which the OpenAPI document groups the endpoints, each with a
    description. `more_responses` are examples of responses that other endpoints get by the
    plugin, by method and path (`POST /sign-in/email`), `more_refusals` the refusals that its
    hooks raise there, `more_body_examples` bodies with what it adds to them. `checks` run there
    before anything of the request is validated, like the `hooks.before` of Better Auth.
    `chosen_paths` are the methods and paths that a variable chooses, by the variable.
    `authenticator` verifies the access tokens that the plugin issues, `token_issuer` issues them.
    `administration` is for the Python API. `make_key_pairs` is called by
    the command line, which shows and replaces the key pairs of the plugin, `make_secret_uses` to
    learn what the plugin encrypts and signs with the secrets.
    """

    routes: Sequence[Route] = ()
    tags: Mapping[str, str] = {}
    more_responses: Mapping[str, Mapping[str, object]] = {}
    more_refusals: Mapping[str, Sequence[type[Refusal]]] = {}
    more_body_examples: Mapping[str, Mapping[str, object]] = {}
    checks: Mapping[str, Sequence[Check]] = {}
    chosen_paths: Mapping[str, str] = {}
    hooks: Hooks = field(default_factory=Hooks)
    authenticator: Authenticator | None = None
    token_issuer: TokenIssuer | None = None
    administration: Administration | None = None
    make_key_pairs: Callable[[], KeyPairs] | None = None
    make_secret_uses: Callable[[], SecretUses] = SecretUses


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

    def list_table_fields(self, options: O) -> Mapping[str, tuple[AdditionalField, ...]]:
        """Returns the columns that these options add to tables of the plugin, by their names."""
        return {}

    def list_mails(self, options: O) -> tuple[MailTemplate, ...]:
        """Returns the kinds of mail that the plugin sends with these options."""
        return ()

    def list_branches(self, options: O) -> tuple[str, ...]:
        """Returns the labels of the `branches` whose tables these options require."""
        return tuple(branch.label for branch in self.branches)

    def list_table_names(self, options: O) -> Mapping[str, TableNames]:
        """Returns what the options say about the names of tables, by Better Auth's names."""
        return {}

    def get_longest_session(self, options: O) -> int:
        """Returns the seconds that a session of the plugin may live, 0 if it makes none.

        So long is remembered which sessions are revoked in secondary storage.
        """
        return 0

    def get_longest_window(self, options: O) -> int:
        """Returns the longest window of its rate limits that options set, in seconds."""
        return 0

    def list_adoption_notices(self, options: O) -> tuple[str, ...]:
        """Returns lines for `migrate` on a database that a Node server made."""
        return ()

    def make_complete_options(self) -> O:
        """Returns options with which all endpoints are there, for `openapi-plugins.json`."""
        return self.options()

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
            always_on=self.always_on,
            user_fields=self.list_user_fields(options),
            session_fields=self.list_session_fields(options),
            table_fields=self.list_table_fields(options),
            cookies=self.cookies,
            mails=self.list_mails(options),
            branches=self.list_branches(options),
            lifts=self.lifts,
            table_names=self.list_table_names(options),
            table_columns={
                str(table.name): tuple(map(str, table.columns.keys()))
                for branch in self.branches
                for table in branch.tables
            },
            adoption_notices=self.list_adoption_notices(options),
            longest_session=self.get_longest_session(options),
            longest_window=self.get_longest_window(options),
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
