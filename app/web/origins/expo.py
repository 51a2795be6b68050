"""Expo apps: React Native sends no `Origin`, so their client uses another header.

Source: `@better-auth/expo` 1.7.6, the server's plugin `expo()`.
"""

from ..http.asgi import App, RawHeaders, Receive, Scope, Send

_ORIGIN = b"origin"
_EXPO_ORIGIN = b"expo-origin"


class ExpoOrigin:
    """Uses `expo-origin` as Origin of a request without one.

    This does not help pages in browsers: browsers send Origin with every request that can change
    something, and allow this header only after a preflight, which other origins do not pass.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            scope["headers"] = _set_origin(scope["headers"])
        await self._app(scope, receive, send)


def _set_origin(headers: RawHeaders) -> RawHeaders:
    origins = [value for name, value in headers if name == _EXPO_ORIGIN]
    if not origins or any(name == _ORIGIN and value for name, value in headers):
        return headers
    named = (_ORIGIN, b", ".join(origins))
    return [*(header for header in headers if header[0] != _ORIGIN), named]
