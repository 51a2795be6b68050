"""/update-user."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, ClassVar, Literal, cast

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct

from ...models.additional_fields import Json
from ...models.clock import now as clock
from ...models.errors import FieldNotAllowed, InvalidBody, NoFieldsToUpdate, Unauthorized
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableCookieCache, DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ON_POST, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from ..errors import EmailCanNotBeUpdated, FailedToUpdateUser
from ..sessions.guard import Guard, owing
from .update_user import Profile

_NAME = Meta(examples=["Ada Lovelace"], extra_json_schema={"type": "string"})
_IMAGE = Meta(description="null takes it away.", extra_json_schema={"type": ["string", "null"]})


class UpdateUserBody(WireBody, frozen=True):
    """Additional fields of the deployment may stand beside these."""

    roots: ClassVar[tuple[str, ...]] = ("record",)

    # Checked by `Profile`: the original, which checks no types, asks for the session first.
    name: Annotated[object, _NAME] = UNSET
    image: Annotated[object, _IMAGE] = UNSET

    @property
    def given(self) -> Mapping[str, Json]:
        """Returns the fields that the body contains."""
        both = {"name": self.name, "image": self.image}
        return {k: cast("Json", value) for k, value in both.items() if value is not UNSET}


class Updated(Struct, frozen=True):
    status: Literal[True]


class ProfileRoutes(RouteGroup):
    """HTTP for `Profile`."""

    def __init__(self, guard: Guard, profile: Profile) -> None:
        self._guard = guard
        self._profile = profile

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_update_user()(self.update_user)]

    async def update_user(
        self,
        request: AnyRequest,
        data: JSONBody[UpdateUserBody],
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Updated]:
        """Change my name, my picture or an additional field; the session cookie is sent anew.

        The e-mail address has its own way: `/change-email`.
        """
        known, now = admitted(request.scope), clock()
        refresh, cache = not is_on(disable_refresh), not is_on(disable_cookie_cache)
        live, lines = await self._guard.signed_in(known.headers, now, refresh=refresh, cache=cache)
        with owing(lines):
            if any(known.document.fields(["email"]).values()):
                raise EmailCanNotBeUpdated
            additional = known.document.fields(self._profile.additional_names)
            user = await self._profile.change(live.user, data.given, additional, now)
        issued = self._guard.reissued(live.session, user, known.headers, now)
        return Answer(Updated(status=True), [*lines, *issued])


_update_user = partial(
    post,
    "/update-user",
    operation_class=documented(
        sends={"A name": {"name": "Ada Lovelace"}},
        answers={"Changed": Updated(status=True)},
        headers={"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN},
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="updateUser",
    tags=["Users"],
    security=SIGNED_IN,
    summary="Change my name or picture",
    responses=refusals(
        InvalidBody,
        EmailCanNotBeUpdated,
        FieldNotAllowed,
        NoFieldsToUpdate,
        FailedToUpdateUser,
        Unauthorized,
        *ON_POST,
    ),
)
