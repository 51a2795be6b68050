"""The session token as `Authorization: Bearer`, for clients that keep no cookies.

Source: the `bearer` plugin of Better Auth 1.7.25.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ...auth.crypto.signatures import Signatures
from ...auth.hooks import Hooks, IssuedSession
from ...bridge.encodings import decode_uri_component
from ...web.http.asgi import Header
from ...web.http.headers import Headers
from ..plugin import BuiltPlugin, Plugin, Services

_SCHEME: Final = "bearer "


class BearerOptions(Struct, frozen=True, kw_only=True):
    """The `bearer` plugin. With `require_signature` an unsigned session token is refused."""

    require_signature: bool = False


class BearerTokens:
    """Reads tokens from requests, and gives them to clients."""

    def __init__(self, signatures: Signatures, options: BearerOptions) -> None:
        self._signatures = signatures
        self._must_be_signed = options.require_signature

    def find(self, headers: Headers) -> str | None:
        """The session token of a request, signed or raw."""
        authorization = headers.get(b"authorization") or ""
        token = authorization[len(_SCHEME) :].strip()
        if not token or authorization[: len(_SCHEME)].lower() != _SCHEME:
            return None
        if "." in token:
            return self._signatures.verify(decode_uri_component(token))
        return None if self._must_be_signed else token

    async def give(self, issued: IssuedSession) -> Sequence[Header]:
        """The signed token, as the cookie has it."""
        return [("set-auth-token", self._signatures.sign(issued.session.token))]


class BearerPlugin(Plugin[BearerOptions]):
    """The `bearer` plugin."""

    id = "bearer"
    options = BearerOptions
    always_on = True

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the hooks that read and send the token."""
        tokens = BearerTokens(services.signatures, self.get_options(services.settings))
        return BuiltPlugin(hooks=Hooks(find_token=[tokens.find], session_issued=[tokens.give]))


PLUGIN: Final = BearerPlugin()
