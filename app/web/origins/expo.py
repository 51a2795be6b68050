"""Expo apps: React Native sends no `Origin`, so their client uses another header.

Source: `@better-auth/expo` 1.7.6, the server's plugin `expo()`.
"""

from ..http.asgi import RawHeaders

EXPO_ORIGIN = b"expo-origin"
_ORIGIN = b"origin"


def set_origin(headers: RawHeaders) -> tuple[RawHeaders, bytes]:
    """Returns the headers of a request without Origin with the one that `expo-origin` names.

    This does not help pages in browsers: browsers send Origin with every request that can change
    something, and allow this header only after a preflight, which other origins do not pass.
    """
    origin = b", ".join(value for name, value in headers if name == EXPO_ORIGIN)
    return [*(header for header in headers if header[0] != _ORIGIN), (_ORIGIN, origin)], origin
