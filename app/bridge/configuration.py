"""The configuration of this process: by `configure`, or from the environment."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Final

from .extras import needs
from .presented import Authenticator
from .settings import Mode, Settings, SettingsError, find_faults, find_liveness_faults
from .verifier import Verifier

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Part:
    """A module that needs libraries, and the extra that installs them."""

    module: str
    extra: str


_PARTS: Final[dict[Mode, _Part]] = {
    "jwks": _Part("by_keys", "jwks"),
    "cookie": _Part("by_session", "database"),
    "bearer": _Part("by_session", "database"),
    "remote": _Part("by_asking", "jwks"),
}
_LIVE: Final = _Part("by_liveness", "database")


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
        _replace(_Configured(authenticator=how))
        return
    if faults := list(find_faults(how)):
        raise SettingsError(*faults)
    plain = _plain(how)
    live = _live(how, plain) if how.live or not how.by_token else None
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
            raise SettingsError("LiveUser needs configure(Settings(…)), which says what to ask")
        if faults := list(find_liveness_faults(settings, "LiveUser")):
            raise SettingsError(*faults)
        _configured.live = _live(settings, plain)
    return _configured.live


def configured_settings() -> Settings:
    """Returns the settings in use. Raises SettingsError if there are none."""
    authenticator()
    if _configured.settings is None:
        raise SettingsError("an Authenticator of its own is configured, not Settings")
    return _configured.settings


def cookie_name() -> str | None:
    """Returns the name of the session cookie, or None in modes with a token."""
    settings = _configured.settings
    if settings is None or settings.mode != "cookie":
        return None
    return f"{'__Secure-' if settings.secure_cookies else ''}{settings.cookie_name}"


def _replace(new: _Configured) -> None:
    _configured.settings = new.settings
    _configured.authenticator = new.authenticator
    _configured.live = new.live


def _plain(settings: Settings) -> Authenticator:
    if settings.mode != "hs256":
        if settings.by_cookie and settings.trusted_origins is None:
            _log.warning(
                "BETTER_AUTH_URL is not set: a request with a session cookie is taken whatever"
                " page sent it. Set it, or BETTER_AUTH_TRUSTED_ORIGINS, to what the service has"
            )
        wanted = f"BETTER_AUTH_BRIDGE_MODE={settings.mode}"
        build: Callable[[Settings], Authenticator] = _load(_PARTS[settings.mode], wanted).build
        return _built(lambda: build(settings))
    if settings.issuer is None:
        _log.warning(
            "BETTER_AUTH_URL is not set: an access token of any issuer that knows the secret is"
            " taken. Set it, or BETTER_AUTH_JWT_ISSUER, to what the service has"
        )
    return _built(
        lambda: Verifier(settings.secrets, issuer=settings.issuer, audience=settings.audience)
    )


def _live(settings: Settings, plain: Authenticator) -> Authenticator:
    """Returns an authenticator with a session check: `plain` itself if it has one."""
    if not settings.by_token:
        return plain
    build: Callable[[Settings, Authenticator], Authenticator] = _load(_LIVE, "Liveness").build
    return _built(lambda: build(settings, plain))


def _built(build: Callable[[], Authenticator]) -> Authenticator:
    try:
        return build()
    except ValueError as fault:
        raise SettingsError(str(fault)) from None


def _load(part: _Part, wanted: str) -> ModuleType:
    """Imports a module that needs libraries of an extra."""
    try:
        return import_module(f".{part.module}", __package__)
    except ModuleNotFoundError as missing:
        raise SettingsError(needs(wanted, missing, part.extra)) from None
