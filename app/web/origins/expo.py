"""Apps made with Expo: React Native sends no `Origin`, so their client names it in another header.

Source: `@better-auth/expo` 1.7.6, the server's plugin `expo()`.
"""

from ..http.asgi import App, RawHeaders, Receive, Scope, Send

_ORIGIN = b"origin"
_EXPO_ORIGIN = b"expo-origin"


class ExpoOrigin:
    """Takes `expo-origin` for the Origin of a request that has none.

    No page of a browser gets far with that: browsers name the Origin of whatever can change
    something, and let a page set this header only after a preflight, which strangers are refused.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            scope["headers"] = _named(scope["headers"])
        await self._app(scope, receive, send)


def _named(headers: RawHeaders) -> RawHeaders:
    given = [value for name, value in headers if name == _EXPO_ORIGIN]
    if not given or any(name == _ORIGIN and value for name, value in headers):
        return headers
    named = (_ORIGIN, b", ".join(given))
    return [*(header for header in headers if header[0] != _ORIGIN), named]
