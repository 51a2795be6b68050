"""Users sign in with a name of their choice.

Source: the `username` plugin of Better Auth 1.7.25.
"""

from collections.abc import Iterator
from typing import Final

from ...auth.hooks import Hooks
from ...models.additional_fields import AdditionalField
from ...settings.settings import Settings
from ..plugin import BuiltPlugin, Plugin, Services
from .errors import (
    InvalidUsername,
    UsernameImmutable,
    UsernameTaken,
    UsernameTooLong,
    UsernameTooShort,
)
from .options import DISPLAY_USERNAME, USERNAME, UsernameOptions
from .routes import TAG, UsernameRoutes
from .rules import UsernameRules
from .usernames import Usernames

_SIGN_UP: Final = "POST /sign-up/email"
_UPDATE: Final = "POST /update-user"
_REFUSALS: Final = (UsernameTooShort, UsernameTooLong, InvalidUsername, UsernameTaken)
_SIGN_UP_BODY: Final = {
    "With a username": {
        "name": "Ada",
        "email": "ada@example.com",
        "password": "correct horse battery",
        "username": "Ada_L",
    }
}
_UPDATE_BODY: Final = {"A username": {"username": "countess", "displayUsername": "Countess"}}


class UsernamePlugin(Plugin[UsernameOptions]):
    """The `username` plugin."""

    id = "username"
    options = UsernameOptions

    def list_user_fields(self, options: UsernameOptions) -> tuple[AdditionalField, ...]:
        """Returns the username, and how it is shown."""
        columns = options.schema.user.fields
        username = AdditionalField(
            name=USERNAME, type="string", required=False, unique=True, field_name=columns.username
        )
        if not options.display_username:
            return (username,)
        display = AdditionalField(
            name=DISPLAY_USERNAME,
            type="string",
            required=False,
            field_name=columns.display_username,
        )
        return username, display

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Compares the lengths."""
        options = self.get_options(settings)
        if options.min_username_length > options.max_username_length:
            yield (
                "BETTER_AUTH_USERNAME_MIN_USERNAME_LENGTH must not be greater than"
                " BETTER_AUTH_USERNAME_MAX_USERNAME_LENGTH"
            )

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, and what sign-up and changes of a user check."""
        options = self.get_options(services.settings)
        rules, column = UsernameRules(options), options.schema.user.fields.username
        own = Usernames(services, options, rules, column)
        immutable = (UsernameImmutable,) if options.immutable_username else ()
        return BuiltPlugin(
            routes=UsernameRoutes(services, own, rules, column).list_routes(),
            tags={TAG: "Sign in with a username in place of the e-mail address."},
            more_refusals={_SIGN_UP: _REFUSALS, _UPDATE: (*_REFUSALS, *immutable)},
            more_body_examples={_SIGN_UP: _SIGN_UP_BODY, _UPDATE: _UPDATE_BODY},
            checks={_SIGN_UP: [own.check_sign_up], _UPDATE: [own.check_update]},
            hooks=Hooks(
                before_user_created=[own.prepare_new],
                before_user_updated=[own.prepare_change],
                list_login_names=[own.list_login_names],
            ),
        )


PLUGIN: Final = UsernamePlugin()
