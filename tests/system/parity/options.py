"""The options of a scenario, written once by Better Auth's names, in the form each side reads."""

import json
from collections.abc import Mapping

from msgspec import Struct

from app.server.plugins import VARIABLES
from app.settings.better_auth_options import get_variable
from tests.system.js_client.service import PAGE, SECRET

BASE_URL = "http://localhost:4000"
PROXY = "127.0.0.1"

Options = Mapping[str, object]

# What every scenario starts from. Behind a proxy both sides take the address from its header.
BASE: Options = {
    "baseURL": BASE_URL,
    "trustedOrigins": [PAGE],
    "rateLimit.enabled": False,
    "advanced.ipAddress.trustedProxies": [PROXY],
}

# Callbacks in JavaScript, switches here: which mail each sends.
MAILS: Mapping[str, str] = {
    "emailAndPassword.sendResetPassword": "reset",
    "emailVerification.sendVerificationEmail": "verify",
    "user.changeEmail.sendChangeEmailConfirmation": "change",
    "user.deleteUser.sendDeleteAccountVerification": "delete",
    "twoFactor.otpOptions.sendOTP": "second factor",
    "organization.sendInvitationEmail": "invitation",
}
PLUGINS = "plugins"  # the ids of those that both sides have on: ["two-factor", "admin"]
# The names of their functions, with which the paths of their options begin.
PLUGIN_NAMES: Mapping[str, str] = {
    "username": "username",
    "two-factor": "twoFactor",
    "admin": "admin",
    "magic-link": "magicLink",
    "email-otp": "emailOTP",
    "anonymous": "anonymous",
    "multi-session": "multiSession",
    "one-time-token": "oneTimeToken",
    "last-login-method": "lastLoginMethod",
    "organization": "organization",
    "have-i-been-pwned": "haveIBeenPwned",
}
_MAILING = {"magic-link", "email-otp"}  # those that cannot be without a callback that sends
HOOKS = "hooks"  # the name of a module in hooks/, and of one in original/hooks/
STORAGE = "secondaryStorage"  # True puts both sides on a Redis of their own
# The claims lie one level deeper in the original's plugin; `jwt.alg` is a name of ours.
_JWT_CLAIMS = ("jwt.issuer", "jwt.audience", "jwt.expirationTime")
_ALG = "jwt.alg"


class Setup(Struct, frozen=True):
    """Options that both sides get, variables for ours alone, options for the original alone."""

    options: Options = {}
    ours: Mapping[str, str] = {}
    original: Options = {}

    @property
    def all(self) -> Options:
        return {**BASE, **self.options}

    @property
    def plugins(self) -> list[str]:
        named = self.all.get(PLUGINS, [])
        assert isinstance(named, list)
        return named

    @property
    def sends_mail(self) -> bool:
        return any(self.all.get(name) for name in MAILS) or bool(_MAILING & {*self.plugins})

    @property
    def stores_elsewhere(self) -> bool:
        return bool(self.all.get(STORAGE))

    @property
    def secret(self) -> str:
        """The one that signs cookies."""
        versions = self.all.get("secrets")
        return str(versions[0]["value"]) if isinstance(versions, list) else SECRET

    @property
    def key(self) -> str:
        """The same for equal setups."""
        return json.dumps([self.options, self.ours, self.original], sort_keys=True)


def for_original(setup: Setup) -> str:
    """The JSON that `original/server.mjs` reads from OPTS."""
    document: dict[str, object] = {"mails": [kind for n, kind in MAILS.items() if setup.all.get(n)]}
    for name, value in {**setup.all, **setup.original}.items():
        if name not in MAILS and name not in {STORAGE, PLUGINS}:
            _put(document, _original_path(name).split("."), value)
    own = {PLUGIN_NAMES[each]: document.pop(PLUGIN_NAMES[each], {}) for each in setup.plugins}
    return json.dumps({**document, PLUGINS: own})


def for_ours(setup: Setup) -> dict[str, str]:
    """Environment variables of the service."""
    variables = {
        _variable(name): _text(name, value)
        for name, value in setup.all.items()
        if name not in {STORAGE, PLUGINS, HOOKS} and value != []
    }
    if HOOKS in setup.all:
        variables["BETTER_AUTH_HOOKS"] = f"tests.system.parity.hooks.{setup.all[HOOKS]}"
    if setup.plugins:
        variables["BETTER_AUTH_PLUGINS"] = ",".join(setup.plugins)
    if setup.sends_mail:  # some are on as soon as mail can be sent
        off = {PLUGIN_NAMES[each] for each in PLUGIN_NAMES.keys() - {*setup.plugins}}
        unsaid = [name for name in MAILS if name not in setup.all and name.split(".")[0] not in off]
        named = [get_variable(name) for name in unsaid]
        variables |= {name: "false" for name in named if name in VARIABLES.options}
    if "secrets" not in setup.all:
        variables["BETTER_AUTH_SECRET"] = SECRET
    return {**variables, **setup.ours}


def _original_path(name: str) -> str:
    if name == _ALG:
        return "jwtOptions.jwks.keyPairConfig.alg"
    if name in _JWT_CLAIMS:
        return f"jwtOptions.{name}"
    if name.startswith("jwt."):
        return name.replace("jwt.", "jwtOptions.", 1)
    return name.replace("bearer.", "bearerOptions.", 1).replace("expo.", "expoOptions.", 1)


def _put(document: dict[str, object], path: list[str], value: object) -> None:
    at: dict[str, object] = document
    for name in path[:-1]:
        inner = at.setdefault(name, {})
        assert isinstance(inner, dict)
        at = inner
    at[path[-1]] = value


def _variable(name: str) -> str:
    return "BETTER_AUTH_URL" if name == "baseURL" else get_variable(name)


def _text(name: str, value: object) -> str:
    if name == "secrets":
        assert isinstance(value, list)
        return ",".join(f"{each['version']}:{each['value']}" for each in value)
    return value if isinstance(value, str) else json.dumps(value)
