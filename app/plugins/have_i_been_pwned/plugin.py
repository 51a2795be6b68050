"""Refuses new passwords that are in a known breach.

Source: the `have-i-been-pwned` plugin of Better Auth 1.7.25.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from ...auth.hooks import Hooks
from ...settings.settings import Settings
from ..plugin import BuiltPlugin, Plugin, Services
from .errors import PasswordCompromised, PasswordNotChecked

_PATHS: Final = (
    "/sign-up/email",
    "/change-password",
    "/reset-password",
    "/email-otp/reset-password",
    "/phone-number/reset-password",
    "/admin/create-user",
    "/admin/set-user-password",
)
_API: Final = "https://api.pwnedpasswords.com/range/"
_URL: Final = "BETTER_AUTH_HAVE_I_BEEN_PWNED_RANGE_URL"


class HaveIBeenPwnedOptions(Struct, frozen=True, kw_only=True):
    """`range_url` is an option of this service: a copy of the range API in one's own network."""

    enabled: bool = True
    paths: tuple[str, ...] = _PATHS
    custom_password_compromised_message: str = PasswordCompromised.message
    range_url: str = _API


class HaveIBeenPwnedPlugin(Plugin[HaveIBeenPwnedOptions]):
    """The `have-i-been-pwned` plugin."""

    id = "have-i-been-pwned"
    options = HaveIBeenPwnedOptions

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks the URL: five characters of every new hash are sent there."""
        if not _is_range_url(self.get_options(settings).range_url):
            yield f"{_URL} must be like {_API}"

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the hook, and what it refuses."""
        options = self.get_options(services.settings)
        if not options.enabled:
            return BuiltPlugin()
        from .range_api import RangeApi  # noqa: PLC0415 - httpx, for this plugin alone

        api = RangeApi(options.range_url)

        async def check(password: str, path: str) -> None:
            if path in options.paths and await api.is_compromised(password):
                raise PasswordCompromised(options.custom_password_compromised_message)

        refusals = (PasswordCompromised, PasswordNotChecked)
        return BuiltPlugin(
            hooks=Hooks(check_new_password=[check]),
            more_refusals={f"POST {path}": refusals for path in options.paths},
        )


def _is_range_url(url: str) -> bool:
    """Whether the characters of a hash can stand at its end."""
    try:
        found = urlsplit(url)
        known = found.scheme in {"http", "https"} and bool(found.hostname) and found.port != 0
    except ValueError:
        return False
    return known and not (found.query or found.fragment)


PLUGIN: Final = HaveIBeenPwnedPlugin()
