"""How each recorded server is set up here, and what was done to its database in between."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import msgspec
from sqlalchemy import Executable, Update, delete, insert, select, update

from app.additional_fields import read_fields
from app.clock import now, to_iso
from app.cookie_options import CookieAttributes, CookieOverride, CookieOverrides
from app.custom_rules import read_custom_rules
from app.models import accounts, jwks, sessions, users, verifications
from app.options import (
    Advanced,
    Bearer,
    ChangeEmail,
    CookieCachePolicy,
    CrossSubDomainCookies,
    DeleteUser,
    EmailAndPassword,
    EmailVerification,
    IpAddress,
    Jwks,
    Jwt,
    OnApiError,
    RateLimitPolicy,
    SessionPolicy,
    UserOptions,
)
from app.settings import Settings

from .comparison import SECRET
from .recording import Server

_EVERY_READ = SessionPolicy(update_age=0)


def _caching(**options: Any) -> SessionPolicy:
    return SessionPolicy(cookie_cache=CookieCachePolicy(enabled=True, **options))


_BEHIND_A_PROXY = Advanced(ip_address=IpAddress(trusted_proxies=(ip_network("127.0.0.1/32"),)))

_CHANGING_AT_ONCE = UserOptions(
    change_email=ChangeEmail(enabled=True, update_email_without_verification=True)
)
_SENDERS = ("sendResetPassword", "sendVerificationEmail", "sendDeleteAccountVerification")

# Beside what all recorded servers share. The peer of every request is 127.0.0.1.
_CHANGES: Mapping[str, Mapping[str, object]] = {
    "reqver": {
        "email_and_password": EmailAndPassword(require_email_verification=True),
        "email_verification": EmailVerification(
            send_on_sign_in=True, auto_sign_in_after_verification=True
        ),
    },
    "mail": {
        "user": UserOptions(
            change_email=ChangeEmail(enabled=True, send_change_email_confirmation=True),
            delete_user=DeleteUser(enabled=True),
        ),
    },
    "v_changedirect": {"user": _CHANGING_AT_ONCE},
    "v_changedirect2": {"user": _CHANGING_AT_ONCE},
    "bearer2": {"bearer": Bearer(require_signature=True)},
    "addf": {
        "email_and_password": EmailAndPassword(
            auto_sign_in=False, min_password_length=4, max_password_length=10
        ),
        "user": UserOptions(
            additional_fields=read_fields(
                """{"role": {"type": "string", "required": false, "defaultValue": "user",
                "input": false}, "lang": {"type": "string", "required": false,
                "defaultValue": "en"}, "age": {"type": "number", "required": true},
                "tags": {"type": "string[]", "required": false},
                "secretNote": {"type": "string", "required": false, "returned": false},
                "admin": {"type": "boolean", "required": false, "input": false},
                "when": {"type": "date", "required": false},
                "js": {"type": "json", "required": false},
                "nick": {"type": "string", "required": false, "unique": true,
                "fieldName": "nick_name"}}"""
            )
        ),
        "session": SessionPolicy(
            additional_fields=read_fields(
                """{"theme": {"type": "string", "required": false, "defaultValue": "light"},
                "hidden": {"type": "string", "required": false, "returned": false},
                "locked": {"type": "string", "required": false, "input": false}}"""
            )
        ),
    },
    "pg": {
        "user": UserOptions(
            additional_fields=read_fields(
                """{"age": {"type": "number", "required": false},
                "tags": {"type": "string[]", "required": false},
                "when": {"type": "date", "required": false},
                "js": {"type": "json", "required": false},
                "big": {"type": "number", "bigint": true, "required": false},
                "flag": {"type": "boolean", "required": false, "defaultValue": true},
                "kind": {"type": ["a", "b"], "required": false}}"""
            )
        )
    },
    "reqver2": {"email_and_password": EmailAndPassword(require_email_verification=True)},
    "dis": {
        "email_and_password": EmailAndPassword(disable_sign_up=True),
        "disabled_paths": ("/sign-out", "/token"),
        "advanced": Advanced(skip_trailing_slashes=True),
    },
    "v_nocsrf": {"advanced": Advanced(disable_csrf_check=True)},
    "v_noorigin": {"advanced": Advanced(disable_origin_check=True)},
    "v_noorigin2": {
        "advanced": Advanced(disable_origin_check=True, disable_csrf_check=False),
    },
    "v_noorigin3": {"advanced": Advanced(disable_origin_check=("/sign-out",))},
    "v_errurl": {"on_api_error": OnApiError(error_url="/my-err?x=1")},
    "off": {
        "email_and_password": EmailAndPassword(enabled=False),
        "base_path": "/auth",
        "jwt": Jwt(jwks=Jwks(jwks_path="/.well-known/jwks.json")),
    },
    "jwt_ES256": {"jwt": Jwt(alg="ES256")},
    "jwt_ES384": {"jwt": Jwt(alg="ES384")},
    "jwt_ES512": {"jwt": Jwt(alg="ES512")},
    "jwt_RS256": {"jwt": Jwt(alg="RS256")},
    "jwt_PS256": {"jwt": Jwt(alg="PS256")},
    "jwt_rot": {"jwt": Jwt(alg="EdDSA", jwks=Jwks(rotation_interval=3600, grace_period=60))},
    "jwt_noenc": {"jwt": Jwt(alg="EdDSA", jwks=Jwks(disable_private_key_encryption=True))},
    "refresh": {"session": SessionPolicy(update_age=0, expires_in=3600)},
    "nore": {"session": SessionPolicy(update_age=0, disable_session_refresh=True)},
    "defer": {"session": SessionPolicy(update_age=0, defer_session_refresh=True)},
    "ck_useSecureFalse": {"advanced": Advanced(use_secure_cookies=False)},
    "ck_useSecureTrue": {"advanced": Advanced(use_secure_cookies=True)},
    "ck_prefix": {"advanced": Advanced(cookie_prefix="my-app")},
    "ck_cross": {
        "advanced": Advanced(cross_sub_domain_cookies=CrossSubDomainCookies(enabled=True))
    },
    "ck_crossdomain": {
        "advanced": Advanced(
            cross_sub_domain_cookies=CrossSubDomainCookies(enabled=True, domain=".example.com")
        )
    },
    "bearer": {"session": _caching(strategy="jwe")},
    "cc_compact": {"session": _caching()},
    "cc_jwt": {"session": _caching(strategy="jwt")},
    "cc_jwe": {"session": _caching(strategy="jwe")},
    # Our other tokens leave fields of such a length out.
    "ck_chunk": {"session": _caching(), "jwt": Jwt(alg="EdDSA")},
    "ck_ccver": {"session": _caching(version="2", max_age=120)},
    "ck_mid": {
        "session": SessionPolicy(update_age=0, cookie_cache=CookieCachePolicy(enabled=True))
    },
    "ck_custom": {
        "session": _caching(max_age=60),
        "advanced": Advanced(
            cookies=CookieOverrides(
                session_token=CookieOverride(
                    name="sess", attributes=CookieAttributes(same_site="strict", max_age=5)
                ),
                session_data=CookieOverride(name="sd"),
            )
        ),
    },
    "ck_attrs": {
        "advanced": Advanced(
            default_cookie_attributes=CookieAttributes(
                same_site="none", secure=True, partitioned=True, path="/x", http_only=False
            )
        )
    },
    "base": {"advanced": _BEHIND_A_PROXY},
    "ss": {"advanced": _BEHIND_A_PROXY},
    "ssdb": {
        "advanced": _BEHIND_A_PROXY,
        "session": SessionPolicy(store_session_in_database=True),
    },
    "rldb": {
        "rate_limit": RateLimitPolicy(
            storage="database",
            window=5,
            max=2,
            custom_rules=read_custom_rules(
                """{"/sign-in/*": {"window": 3, "max": 1}, "/get-session": false,
                "/ok": {"window": 5, "max": 3}}"""
            ),
        ),
        "advanced": _BEHIND_A_PROXY,
    },
    "rl": {"rate_limit": RateLimitPolicy(), "advanced": _BEHIND_A_PROXY},
    "rlip": {
        "rate_limit": RateLimitPolicy(storage="database", max=2),
        "advanced": Advanced(
            ip_address=IpAddress(
                ip_address_headers=("cf-connecting-ip", "x-forwarded-for"),
                trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32")),
                ipv6_subnet=48,
            )
        ),
    },
    "rldis": {
        "rate_limit": RateLimitPolicy(storage="database", max=1),
        "advanced": Advanced(ip_address=IpAddress(disable_ip_tracking=True)),
    },
    "rlprod": {"rate_limit": RateLimitPolicy(storage="database")},
    "v_revreset": {
        "email_and_password": EmailAndPassword(
            revoke_sessions_on_password_reset=True, reset_password_token_expires_in=60
        )
    },
    "v_deldisabled": {"user": UserOptions()},
    "v_fresh1": {"session": SessionPolicy(fresh_age=1)},
    "v_fresh0": {"session": SessionPolicy(fresh_age=0)},
    "v_trust": {
        "trusted_origins": (
            "https://*.example.com",
            "*.wild.dev",
            "myapp://",
            "exp://192.168.*",
            "chrome-extension://abc",
            "https://x?b.q.io",
            "https://fn.dyn",
            "https://other",
        )
    },
    "v_basepath_slash": {"base_path": "/api/auth/"},
    "v_basepath_root": {"base_path": "/"},
    "v_basepath_noslash": {"base_path": "auth"},
}


def settings_for(name: str, server: Server) -> Settings:
    """The options of a recorded server in our words."""
    shared = Settings(
        secret=SECRET,
        url=server.base_url,
        trusted_origins=("http://localhost:3000",),
        rate_limit=RateLimitPolicy(enabled=False),
        user=UserOptions(
            change_email=ChangeEmail(enabled=True), delete_user=DeleteUser(enabled=True)
        ),
        smtp_url="console:",
    )
    return _sending(msgspec.structs.replace(shared, **_CHANGES.get(name, {})), server.options)


def _sending(settings: Settings, options: str) -> Settings:
    """The same with the mails that the recorded server sent, and no others."""
    replace = msgspec.structs.replace
    sends = {word: word in options for word in _SENDERS}
    delete_user = replace(
        settings.user.delete_user,
        send_delete_account_verification=sends["sendDeleteAccountVerification"],
    )
    return replace(
        settings,
        email_and_password=replace(
            settings.email_and_password, send_reset_password=sends["sendResetPassword"]
        ),
        email_verification=replace(
            settings.email_verification, send_verification_email=sends["sendVerificationEmail"]
        ),
        user=replace(settings.user, delete_user=delete_user),
    )


def _expires_in(days: float) -> Executable:
    return update(sessions).values(expiresAt=to_iso(now() + timedelta(days=days)))


def _keys_expired(seconds: float) -> Update:
    return update(jwks).values(expiresAt=to_iso(now() - timedelta(seconds=seconds)))


def _began(**ago: float) -> Executable:
    return update(sessions).values(createdAt=to_iso(now() - timedelta(**ago)))


def _many() -> Executable:
    """More sessions than a list holds; they live for as long as the recorder's."""
    began = now() - timedelta(days=300)
    row = {
        "createdAt": to_iso(began),
        "updatedAt": to_iso(began),
        "expiresAt": to_iso(began + timedelta(days=1461)),
        "userId": select(users.c.id).scalar_subquery(),
    }
    return insert(sessions).values([{"id": f"i{n}", "token": f"t{n}", **row} for n in range(120)])


def _credential(email: str, **values: object) -> Executable:
    owner = select(users.c.id).where(users.c.email == email).scalar_subquery()
    return update(accounts).where(accounts.c.userId == owner).values(**values)


def _mailed(
    identifier: str, *, to: str = "ex@b.co", of: str | None = None, hours: int = 1
) -> Executable:
    """The value of a link that the recorder was mailed: by address, or by session."""
    by_email = select(users.c.id).where(users.c.email == to)
    by_token = select(sessions.c.userId).where(sessions.c.token == of)
    owner = (by_email if of is None else by_token).scalar_subquery()
    moment = to_iso(now())
    return insert(verifications).values(
        id=identifier,
        identifier=identifier,
        value=owner,
        expiresAt=to_iso(now() + timedelta(hours=hours)),
        createdAt=moment,
        updatedAt=moment,
    )


# Before these exchanges the recorder changed rows by hand; the names say what.
EDITS: Mapping[str, Callable[[], Executable]] = {
    "cc_compact/get cached after revoke": lambda: delete(sessions),
    "cc_jwt/get cached after revoke": lambda: delete(sessions),
    "cc_jwe/get cached after revoke": lambda: delete(sessions),
    "sess/get-session expired": lambda: _expires_in(-1),
    "defer/get expired": lambda: _expires_in(-1),
    "sess/unauth expired list-sessions": lambda: _expires_in(-1),
    "acct/change-password ok": lambda: update(users).values(name="k"),
    "jwt_rot/token after rotation": lambda: _keys_expired(1),
    "jwt_rot/jwks 3": lambda: _keys_expired(61).where(jwks.c.expiresAt < to_iso(now())),
    "acct/delete stale": lambda: _began(days=2),
    "mail/reset cb ok rel": lambda: _mailed("reset-password:ooBoTZA1n78GrlhVjsjJjiE2"),
    "mail/reset via query": lambda: _mailed("reset-password:nKfqcVWS4ZHRk5WMXeSsziXJ"),
    "mail/reset cb expired": lambda: _mailed("reset-password:6UR1CnRRgLCXpI2Nd7xkNUIq", hours=-1),
    "mail/delete cb other user": lambda: _mailed(
        "delete-account-1o6nnwhiz1vc7qesu2c5d5r8v8skbd80", of="BnOksO3YaeQV3iphYnnNKRERllgZL16o"
    ),
    "mail/delete cb no session": lambda: _mailed(
        "delete-account-3x1cqldhrgus9k61e2cxc1h6nte0nxev", of="BnOksO3YaeQV3iphYnnNKRERllgZL16o"
    ),
    "mail/delete POST token": lambda: _mailed(
        "delete-account-jk1lyznd8t5zqujsand9ohcapvj285m2", of="qvZzfzPhBZoGHWR3lxKEnmVgm40bXFsg"
    ),
    "v_revreset/reset": lambda: _mailed("reset-password:MUMymBEf8y0MBpFUvangiUG8"),
    "edge/reset no account": lambda: _mailed(
        "reset-password:Tp0vyfO2dQWf8Mkl6yqWtDyw", to="n@b.co"
    ),
    "v_fresh1/del stale": lambda: _began(seconds=2),
    "v_fresh0/del stale": lambda: _began(seconds=2),
    "v_fresh1/list stale": lambda: _began(seconds=2),
    "v_fresh0/list stale": lambda: _began(seconds=2),
    "v_many/#2 GET /list-sessions": _many,
    "refreshdef/get 6.01d left": lambda: _expires_in(6.01),
    "refreshdef/get 5.99d left": lambda: _expires_in(5.99),
    "bearer/sign-in with Authorization bad": lambda: update(users).values(name="b"),
    "refresh/signin norem": lambda: update(users).values(name="z"),
    "edge/signin no account": lambda: _credential("n@b.co", providerId="another"),
    "edge/signin null password": lambda: _credential(
        "n@b.co", providerId="credential", password=None
    ),
    "edge/signin malformed hash": lambda: _credential("n@b.co", password="malformed"),
    "edge/session of deleted user": lambda: delete(users).where(users.c.email == "n@b.co"),
}
