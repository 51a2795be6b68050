"""The bridge for FastAPI: who is calling, as the type of a parameter.

    @app.get("/api/{user_id}/tasks")
    async def tasks(user: PathUser): ...  # 403 unless the path's user_id is the caller's

Settings are those of the environment unless `configure` was called before the first route that
uses one of these types. An invalid setting raises there, so that the application does not start.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from inspect import Parameter, Signature
from typing import Annotated, Final

from .errors import BridgeError, MissingToken, describe_missing_extra

try:
    from fastapi import Depends, FastAPI, HTTPException, Path
    from fastapi.security.base import SecurityBase
    from starlette.requests import HTTPConnection
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        describe_missing_extra(__name__, missing, "fastapi"), name=missing.name
    ) from None

from .configuration import authenticator, live_authenticator
from .fastapi_docs import OWN_ID, build_padlock, describe_refusals
from .presented import Authenticator, Presented
from .user import User, require_path_user

_CONNECTION: Final = Parameter(
    "connection", Parameter.POSITIONAL_OR_KEYWORD, annotation=HTTPConnection
)


class _Credentials(SecurityBase):
    """Credentials with a padlock in FastAPI's docs."""

    def __init__(self, source: Callable[[], Authenticator]) -> None:
        self._source = source

    @property
    def __signature__(self) -> Signature:
        """FastAPI reads this when a route is declared, so invalid settings raise then."""
        self._source()
        self.scheme_name, self.model = build_padlock()
        return Signature([_CONNECTION])

    async def _authenticate(self, connection: HTTPConnection) -> User:
        return await self._source().authenticate(Presented.by(connection.scope["headers"]))


class _Caller(_Credentials):
    async def __call__(self, connection: HTTPConnection) -> User:
        with _raise_http():
            return await self._authenticate(connection)


class _OptionalCaller(_Credentials):
    async def __call__(self, connection: HTTPConnection) -> User | None:
        with _raise_http():
            try:
                return await self._authenticate(connection)
            except MissingToken:
                return None


current_user: Final = _Caller(authenticator)
live_user: Final = _Caller(live_authenticator)
optional_user: Final = _OptionalCaller(authenticator)

CurrentUser = Annotated[User, Depends(current_user)]
"""Who is calling; 401 where nobody shows acceptable credentials."""

LiveUser = Annotated[User, Depends(live_user)]
"""The same, and 401 as soon as the session has ended; needs the database of the sessions."""

OptionalUser = Annotated[User | None, Depends(optional_user)]
"""None without credentials; 401 for bad ones, as for `CurrentUser`."""


def provide_user(authenticator: Authenticator) -> Callable[[HTTPConnection], Awaitable[User]]:
    """Returns what `CurrentUser` depends on, with this authenticator.

    `Annotated[User, Depends(provide_user(…))]`, where an application has several.
    """
    return _Caller(lambda: authenticator)


def provide_optional_user(
    authenticator: Authenticator,
) -> Callable[[HTTPConnection], Awaitable[User | None]]:
    """Returns what `OptionalUser` depends on, with this authenticator."""
    return _OptionalCaller(lambda: authenticator)


# Async, though it waits for nothing: FastAPI runs other functions in a thread.
async def path_user(user: CurrentUser, user_id: Annotated[str, Path(description=OWN_ID)]) -> User:
    """Returns the caller; 403 unless the path's `user_id` is the caller's."""
    with _raise_http():
        require_path_user(user, user_id)
    return user


PathUser = Annotated[User, Depends(path_user)]
"""Who is calling; 403 unless the path's `user_id` is exactly the caller's."""


@contextmanager
def _raise_http() -> Iterator[None]:
    """Raises a refusal as FastAPI's `{"detail": …}`."""
    try:
        yield
    except BridgeError as error:
        raise HTTPException(error.status, error.detail, error.headers) from None


describe_refusals(FastAPI)
