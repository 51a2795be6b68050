"""Finds patterns of trusted origins that match every site, or never match."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

# A host in a pattern that can be an IPv4 address alone, as Better Auth 1.7.25 reads it.
ADDRESSES: Final = re.compile(r"(?=.*[0-9])[0-9*?.]+")
_NAME: Final = "BETTER_AUTH_TRUSTED_ORIGINS"
_WEB: Final = ("http", "https")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")  # RFC 3986 3.1
_SCRIPTS: Final = ("javascript", "data", "vbscript")
_APP: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?![0-9]+(?:/|$))")
_ANY_HOST: Final = re.compile(r"[*?.\[\]]*\*[*?.\[\]]*")
_PORT: Final = re.compile(r":[0-9*?]*$")
# Names that stay on one's own machine or network (RFC 6761, RFC 9476).
_PRIVATE_NAMES: Final = """
    alt corp example home internal intranet invalid lan local localhost private test
"""
# Suffixes below which anyone can register a name: the best known ones.
_SHARED_NAMES: Final = """
    vercel.app now.sh netlify.app github.io github.dev app.github.dev gitlab.io bitbucket.io
    pages.dev workers.dev r2.dev trycloudflare.com web.app firebaseapp.com run.app appspot.com
    herokuapp.com fly.dev onrender.com railway.app up.railway.app koyeb.app deno.dev surge.sh
    render.com ngrok.io ngrok.app ngrok.dev ngrok-free.app ngrok-free.dev loca.lt lhr.life
    ts.net devtunnels.ms azurewebsites.net azurestaticapps.net azurecontainerapps.io
    cloudapp.azure.com cloudapp.net azureedge.net cloudfront.net amplifyapp.com amazonaws.com
    s3.amazonaws.com elasticbeanstalk.com awsapprunner.com on.aws ondigitalocean.app
    digitaloceanspaces.com replit.app replit.dev repl.co glitch.me gitpod.io csb.app
    codesandbox.io stackblitz.io webcontainer.io lovable.app lovableproject.com bolt.host
    expo.app expo.dev hf.space streamlit.app pythonanywhere.com webflow.io framer.app
    framer.website wixsite.com myshopify.com blogspot.com wordpress.com sslip.io nip.io
    duckdns.org co.uk org.uk com.au com.br com.cn co.in co.jp co.kr co.nz com.mx com.tr co.za
    com.sg com.tw com.pk com.ar com.ua
"""
_PRIVATE: Final = frozenset(_PRIVATE_NAMES.split())
_SHARED: Final = frozenset(_SHARED_NAMES.split())


def find_origin_faults(origins: Iterable[str]) -> Iterator[str]:
    """Returns one line for each invalid pattern, with the remedy."""
    for origin in origins:
        fault = _find_fault(origin)
        if fault:
            yield f"{_NAME}: {origin!r} {fault}"


def find_shared_patterns(origins: Iterable[str]) -> Iterator[str]:
    """Returns one line for each pattern that can match sites of other owners."""
    for origin in origins:
        name = _find_stranger(origin)
        if name:
            yield (
                f"{_NAME}: {origin!r} trusts pages of other owners with the sessions of your"
                f" users, because anyone can register {name}: name your own hosts"
            )


def _find_fault(origin: str) -> str | None:
    scheme, separator, rest = origin.partition("://")
    wild = "*" in origin or "?" in origin
    if not separator:
        return _find_host_fault(origin) if wild else _find_scheme_fault(origin)
    if scheme.lower() in _SCRIPTS:
        return "is a script, not an origin: remove it"
    if scheme in _WEB and "/" in rest:
        return (
            "never matches, because an origin is only scheme, host and port, without a path or a"
            " slash at the end"
        )
    if _is_for_browsers(scheme) and _is_anybody(rest):
        return _EVERYBODY
    if "*" not in scheme and "?" not in scheme and not _SCHEME.fullmatch(scheme):
        return "never matches: a scheme is letters, digits, +, - and . only"
    return None


_EVERYBODY: Final = (
    "trusts every site with the sessions of your users: name the hosts, such as"
    " https://*.example.com"
)


def _find_host_fault(pattern: str) -> str | None:
    """Checks a wildcard without `://`, which matches host and port with any scheme."""
    if _is_anybody(pattern):
        return _EVERYBODY
    if "/" in pattern:
        return (
            "never matches: without :// a wildcard stands for a host and its port, such as"
            " *.example.com:8080; write the scheme of an app as in myapp://*"
        )
    return None


def _find_scheme_fault(origin: str) -> str | None:
    """Checks a text without `://` and wildcards: the scheme of an app, such as `myapp:/`."""
    found = _APP.match(origin)
    scheme = found[1].lower() if found else None
    if scheme in _SCRIPTS:
        return "is a script, not an origin: remove it"
    if scheme in _WEB:
        return "is not an origin: write it like https://app.example.com"
    if scheme is None:
        return f"never matches without a scheme, write http://{origin} or https://{origin}"
    return None


def _is_for_browsers(scheme: str) -> bool:
    return scheme.lower() in _WEB or "*" in scheme or "?" in scheme


def _is_anybody(authority: str) -> bool:
    bare = authority.replace("\\", "")  # makes the next character literal
    return _ANY_HOST.fullmatch(_PORT.sub("", bare)) is not None


def _find_stranger(origin: str) -> str | None:
    """Returns a matching name that another owner could register, for patterns of hosts."""
    scheme, separator, rest = origin.partition("://")
    if separator and not _is_for_browsers(scheme):
        return None
    host = _PORT.sub("", rest if separator else origin)
    wild = max(host.rfind("*"), host.rfind("?"))
    if wild < 0 or ADDRESSES.fullmatch(host) or "[" in host:
        return None
    _, dot, suffix = host[wild + 1 :].lower().rstrip(".").partition(".")
    if not dot:
        begin, end = re.sub("[*?]", "x", host[:wild]), host[wild + 1 :]
        return f"a host such as {begin}{f'x.{end}' if end else 'x.com'}"
    shared = suffix in _SHARED or ("." not in suffix and suffix not in _PRIVATE)
    return f"a name under {suffix}" if shared else None
