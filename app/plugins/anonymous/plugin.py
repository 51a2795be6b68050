"""The `anonymous` plugin of Better Auth 1.7.25: users who have not signed up yet."""

from collections.abc import Iterator
from typing import Final

from ...auth.hooks import Hooks
from ...auth.users.emails import is_email
from ...models.additional_fields import AdditionalField
from ...settings.settings import Settings
from ..plugin import BuiltPlugin, Plugin, Services
from .anonymous_users import AnonymousUsers, make_address
from .options import IS_ANONYMOUS, AnonymousOptions
from .routes import TAG, AnonymousRoutes


class AnonymousPlugin(Plugin[AnonymousOptions]):
    """The `anonymous` plugin."""

    id = "anonymous"
    options = AnonymousOptions

    def list_user_fields(self, options: AnonymousOptions) -> tuple[AdditionalField, ...]:
        """Returns the column that marks anonymous users."""
        column = AdditionalField(
            name=IS_ANONYMOUS,
            type="boolean",
            required=False,
            input=False,
            default_value=False,
            field_name=options.schema.user.fields.is_anonymous,
        )
        return (column,)

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks the domain."""
        domain = self.get_options(settings).email_domain_name
        if not is_email(make_address("x", domain)):
            yield "BETTER_AUTH_ANONYMOUS_EMAIL_DOMAIN_NAME must be a domain such as example.com"

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, and the hook that deletes anonymous users."""
        users = AnonymousUsers(services, self.get_options(services.settings))
        return BuiltPlugin(
            routes=AnonymousRoutes(users, services.guard).list_routes(),
            tags={TAG: "Users who have not signed up yet: the plugin `anonymous`."},
            hooks=Hooks(session_issued=[users.replace]),
        )


PLUGIN: Final = AnonymousPlugin()
