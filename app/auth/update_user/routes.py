"""/update-user."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, cast

from msgspec import UNSET, Meta, Struct

from ...models.additional_fields import Json
from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..errors import EmailCanNotBeUpdated, FailedToUpdateUser, FieldNotAllowed, NoFieldsToUpdate
from ..sessions.guard import Guard, SignedInRequest
from .update_user import Profile

_NAME = Meta(examples=["Ada Lovelace"], extra_json_schema={"type": "string"})
_IMAGE = Meta(description="null removes it.", extra_json_schema={"type": ["string", "null"]})


class UpdateUserBody(WireBody, frozen=True):
    """The additional fields of the deployment may be sent, too."""

    roots: ClassVar[tuple[str, ...]] = ("record",)

    # Checked by `Profile`: the original, which checks no types, asks for the session first.
    name: Annotated[object, _NAME] = UNSET
    image: Annotated[object, _IMAGE] = UNSET

    @property
    def fields(self) -> Mapping[str, Json]:
        """Returns the fields that the body contains."""
        both = {"name": self.name, "image": self.image}
        return {k: cast("Json", value) for k, value in both.items() if value is not UNSET}


class Updated(Struct, frozen=True):
    status: Literal[True]


UPDATE_USER = Endpoint(
    "POST /update-user",
    name="updateUser",
    tag="Users",
    summary="Change my name or picture",
    caller=Caller.SESSION,
    body=UpdateUserBody,
    body_examples={"A name": {"name": "Ada Lovelace"}},
    responses={"Changed": Updated(status=True)},
    refuses=(EmailCanNotBeUpdated, FieldNotAllowed, NoFieldsToUpdate, FailedToUpdateUser),
)


class ProfileRoutes:
    """HTTP for `Profile`."""

    def __init__(self, guard: Guard, profile: Profile) -> None:
        self._guard = guard
        self._profile = profile

    def list_routes(self) -> list[Route]:
        """The endpoint and its handler."""
        return [UPDATE_USER.with_handler(self.update_user, self._guard)]

    async def update_user(self, request: SignedInRequest[UpdateUserBody]) -> JsonResponse[Updated]:
        """Change my name, my picture or an additional field. The session cookie is sent again.

        The e-mail address has its own way: `/change-email`.
        """
        if any(request.read_fields(["email"]).values()):
            raise EmailCanNotBeUpdated
        caller, now = request.caller, request.now
        additional = request.read_fields(self._profile.additional_names)
        user = await self._profile.change(caller.user, request.body.fields, additional, now)
        issued = await self._guard.reissue_cookies(caller.session, user, request.headers, now)
        return JsonResponse(Updated(status=True), issued)
