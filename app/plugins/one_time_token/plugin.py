"""A token, valid once, with which another browser takes over a session.

Source: the `one-time-token` plugin of Better Auth 1.7.25.
"""

from typing import Final

from ...auth.hooks import Hooks
from ..plugin import BuiltPlugin, Plugin, Services
from .routes import TAG, OneTimeTokenRoutes
from .tokens import OneTimeTokenOptions, OneTimeTokens


class OneTimeTokenPlugin(Plugin[OneTimeTokenOptions]):
    """The `one-time-token` plugin."""

    id = "one-time-token"
    options = OneTimeTokenOptions

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, and the header of new sessions."""
        options = self.get_options(services.settings)
        own = OneTimeTokens(services, options)
        gives = options.set_ott_header_on_new_session
        return BuiltPlugin(
            routes=OneTimeTokenRoutes(services, own, options).list_routes(),
            tags={TAG: "A session that moves to another browser or program of its user."},
            hooks=Hooks(session_issued=[own.give] if gives else []),
        )


PLUGIN: Final = OneTimeTokenPlugin()
