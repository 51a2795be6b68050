"""The configuration of this process: by `configure`, or from the environment."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .errors import describe_missing_extra
from .presented import Authenticator, SessionAuthenticator
from .settings import Mode, Settings, SettingsError, find_faults, find_liveness_faults
from .verifier import Verifier

_log = logging.getLogger(__name__)

_EXTRAS: Final[dict[Mode, str]] = {
    "jwks": "jwks",
    "cookie": "database",
    "bearer": "database",
    "remote": "jwks",
}


@dataclass(slots=True)
class _Configured:
    settings: Settings | None = None
    authenticator: Authenticator | None = None
    live: Authenticator | None = None


_configured = _Configured()


def configure(how: Settings | Authenticator | None = None) -> None:
    """Configures the authenticator. Without an argument it reads the environment.

    Call it before the first route is declared, and again to change it. Raises SettingsError.
    """
    if how is None:
        how = Settings.from_env()
    if not isinstance(how, Settings):
        reads_sessions = isinstance(how, SessionAuthenticator)
        _replace(_Configured(authenticator=how, live=how if reads_sessions else None))
        return
    if faults := list(find_faults(how)):
        raise SettingsError(*faults)
    plain = _build(how)
    live = _add_session_check(how, plain) if how.live or not how.by_token else None
    _replace(_Configured(how, live or plain, live))


def authenticator() -> Authenticator:
    """Returns the authenticator. Reads the environment if needed. Raises SettingsError."""
    if _configured.authenticator is None:
        configure()
    assert _configured.authenticator is not None
    return _configured.authenticator


def live_authenticator() -> Authenticator:
    """Returns an authenticator that also checks the session. Raises SettingsError."""
    plain, settings = authenticator(), _configured.settings
    if _configured.live is None:
        if settings is None:
            raise SettingsError("LiveUser needs configure(Settings(…))")
        if faults := list(find_liveness_faults(settings, "LiveUser")):
            raise SettingsError(*faults)
        _configured.live = _add_session_check(settings, plain)
    return _configured.live


def get_configured_settings() -> Settings:
    """Returns the settings in use. Raises SettingsError if there are none."""
    authenticator()
    if _configured.settings is None:
        raise SettingsError("an Authenticator is configured, not Settings")
    return _configured.settings


def find_cookie_name() -> str | None:
    """Returns the name of the session cookie, or None in modes with a token."""
    settings, live = _configured.settings, _configured.live
    if settings is None and isinstance(live, SessionAuthenticator):
        return live.cookie_name
    if settings is None or settings.mode != "cookie":
        return None
    return f"{'__Secure-' if settings.secure_cookies else ''}{settings.cookie_name}"


def _replace(new: _Configured) -> None:
    _configured.settings = new.settings
    _configured.authenticator = new.authenticator
    _configured.live = new.live


def _build(settings: Settings) -> Authenticator:
    _warn_of_unchecked(settings)
    if settings.mode == "hs256":
        return _refuse_bad(
            lambda: Verifier(settings.secrets, issuer=settings.issuer, audience=settings.audience)
        )
    try:
        build = _load_builder(settings.mode)
    except ModuleNotFoundError as missing:
        feature = f"BETTER_AUTH_BRIDGE_MODE={settings.mode}"
        extra = _EXTRAS[settings.mode]
        raise SettingsError(describe_missing_extra(feature, missing, extra)) from None
    return _refuse_bad(lambda: build(settings))


def _add_session_check(settings: Settings, authenticator: Authenticator) -> Authenticator:
    """Returns an authenticator with a session check: `authenticator` itself if it has one."""
    if not settings.by_token:
        return authenticator
    try:
        from .database_modes import add_session_check  # noqa: PLC0415 - needs [database]
    except ModuleNotFoundError as missing:
        raise SettingsError(describe_missing_extra("Liveness", missing, "database")) from None
    return _refuse_bad(lambda: add_session_check(settings, authenticator))


def _load_builder(mode: Mode) -> Callable[[Settings], Authenticator]:
    """Imports the module of a mode, which needs the libraries of an extra."""
    if mode == "jwks":
        from .jwks import build_authenticator  # noqa: PLC0415 - needs [jwks]
    elif mode == "remote":
        from .remote import build_authenticator  # noqa: PLC0415 - needs [jwks]
    else:
        from .database_modes import build_authenticator  # noqa: PLC0415 - needs [database]
    return build_authenticator


def _refuse_bad(build: Callable[[], Authenticator]) -> Authenticator:
    try:
        return build()
    except ValueError as fault:
        raise SettingsError(str(fault)) from None


def _warn_of_unchecked(settings: Settings) -> None:
    if settings.by_cookie and settings.trusted_origins is None:
        _log.warning(
            "BETTER_AUTH_URL is not set: requests with a session cookie are accepted from every"
            " page. Set it, or BETTER_AUTH_TRUSTED_ORIGINS, as at the service"
        )
    if settings.mode == "hs256" and settings.issuer is None:
        _log.warning(
            "BETTER_AUTH_URL is not set: access tokens of every issuer that has the secret are"
            " accepted. Set it, or BETTER_AUTH_JWT_ISSUER, as at the service"
        )
