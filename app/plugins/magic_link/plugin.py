"""The `magic-link` plugin of Better Auth 1.7.25: mailed links that sign in without a password."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...settings.plugin_settings import MailTemplate
from ...settings.settings import Settings
from ...settings.validation import NEEDS_SMTP
from ...web.rate_rule import Rule
from ..plugin import BuiltPlugin, Plugin, Services
from .links import MAIL, MagicLinks
from .options import MagicLinkOptions
from .routes import TAG, MagicLinkRoutes

_log = logging.getLogger("better_auth.magic_link")

_TEMPLATES: Final = Path(__file__).parent / "templates"
_PLACEHOLDERS: Final = frozenset({"name", "email", "site", "url", "lifetime"})


class MagicLinkPlugin(Plugin[MagicLinkOptions]):
    """The `magic-link` plugin."""

    id = "magic-link"
    options = MagicLinkOptions

    def list_mails(self, options: MagicLinkOptions) -> tuple[MailTemplate, ...]:
        """Returns the mail with the link."""
        return (MailTemplate(MAIL, _TEMPLATES, _PLACEHOLDERS, "url"),)

    def get_longest_window(self, options: MagicLinkOptions) -> int:
        """Returns the window of its rate limit, in seconds."""
        return options.rate_limit.window

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks that mails can be sent."""
        if not settings.sends_mail:
            yield f"BETTER_AUTH_PLUGINS: magic-link {NEEDS_SMTP}"

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints."""
        options = self.get_options(services.settings)
        if options.allowed_attempts != 1:
            _log.warning("BETTER_AUTH_MAGIC_LINK_ALLOWED_ATTEMPTS has no effect: a link works once")
        rule = Rule(options.rate_limit.window, options.rate_limit.max)
        links = MagicLinks(services, options)
        routes = MagicLinkRoutes(links, services.guard, services.links.base, rule)
        return BuiltPlugin(
            routes=routes.list_routes(),
            tags={TAG: "Sign in with a mailed link: the plugin `magic-link`."},
        )


PLUGIN: Final = MagicLinkPlugin()
