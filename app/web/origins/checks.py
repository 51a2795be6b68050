"""Decides which origin and callback URL checks are on, by `advanced` and path."""

from typing import Final

from msgspec import Struct

from ...settings.options import AdvancedOptions


class OriginChecks(Struct, frozen=True):
    """The checks of a request.

    `origins`: CSRF protection requires a trusted Origin or Referer. `logins`: a sign-in that
    another site started is refused. `urls`: callback URLs must be trusted.
    """

    origins: bool = True
    logins: bool = True
    urls: bool = True


EVERY_CHECK: Final = OriginChecks()


class OriginSwitches:
    """`advanced.disableCSRFCheck` and `advanced.disableOriginCheck` (`originCheckMiddleware`).

    `disableOriginCheck` also turns on an unset `disableCSRFCheck`, as in 1.7.25; a list of paths
    does not. A path includes what is below it: `/public`, but not `/publicity`.
    """

    def __init__(self, advanced: AdvancedOptions) -> None:
        off = advanced.disable_origin_check
        no_csrf = advanced.disable_csrf_check
        self._paths = off if isinstance(off, tuple) else ()
        forged = not no_csrf if no_csrf is not None else off is not True
        self._usual = _choose_checks(forged=forged, urls=off is not True)
        self._below = _choose_checks(forged=forged, urls=False)

    def get_checks(self, path: str) -> OriginChecks:
        """Returns the checks of a path below the base path, see `paths.get_limiter_path`."""
        if self._paths and any(_is_below(path, top) for top in self._paths):
            return self._below
        return self._usual


def _choose_checks(*, forged: bool, urls: bool) -> OriginChecks:
    return OriginChecks(origins=forged and urls, logins=forged, urls=urls)


def _is_below(path: str, top: str) -> bool:
    return f"{path}/".startswith(f"{top.rstrip('/')}/")
