"""Which checks of origins and callback URLs are on, by `advanced` and by path."""

from typing import Final

from msgspec import Struct

from ...settings.options import Advanced


class Checks(Struct, frozen=True):
    """The checks that a request has to pass.

    `origins`: Origin or Referer is a trusted one where the check of forged requests asks for it;
    `logins`: a sign-in that a foreign page started is refused; `urls`: callback URLs are trusted.
    """

    origins: bool = True
    logins: bool = True
    urls: bool = True


EVERY_CHECK: Final = Checks()


class OriginSwitches:
    """`advanced.disableCSRFCheck` and `advanced.disableOriginCheck` (`originCheckMiddleware`).

    The second one turns the first on with it where that is not set at all, as in 1.7.25; a list of
    paths never does. A path covers what lies below it: `/public` not `/publicity`.
    """

    def __init__(self, advanced: Advanced) -> None:
        off = advanced.disable_origin_check
        no_csrf = advanced.disable_csrf_check
        self._paths = off if isinstance(off, tuple) else ()
        forged = not no_csrf if no_csrf is not None else off is not True
        self._usual = _checks(forged=forged, urls=off is not True)
        self._below = _checks(forged=forged, urls=False)

    def checks(self, path: str) -> Checks:
        """Those of a path below the base path, see `paths.limiter_path`."""
        return self._below if any(_is_below(path, top) for top in self._paths) else self._usual


def _checks(*, forged: bool, urls: bool) -> Checks:
    return Checks(origins=forged and urls, logins=forged, urls=urls)


def _is_below(path: str, top: str) -> bool:
    return f"{path}/".startswith(f"{top.rstrip('/')}/")
