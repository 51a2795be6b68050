"""Several users are signed in to one browser, and switch between their sessions.

Source: the `multi-session` plugin of Better Auth 1.7.25.
"""

from typing import Final

from ...auth.hooks import Hooks
from ..plugin import BuiltPlugin, Plugin, Services
from .cookies import DeviceCookies
from .device_sessions import DeviceSessions, MultiSessionOptions
from .routes import TAG, DeviceSessionRoutes


class MultiSessionPlugin(Plugin[MultiSessionOptions]):
    """The `multi-session` plugin."""

    id = "multi-session"
    options = MultiSessionOptions

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, and what adds and removes the cookies of sessions."""
        cookies = DeviceCookies(services)
        own = DeviceSessions(services, self.get_options(services.settings), cookies)
        return BuiltPlugin(
            routes=DeviceSessionRoutes(services, own, cookies).list_routes(),
            tags={TAG: "Several users in one browser, who switch between their sessions."},
            hooks=Hooks(session_issued=[own.keep], signed_out=[own.end_all]),
        )


PLUGIN: Final = MultiSessionPlugin()
