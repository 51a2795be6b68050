"""Changes the caller's user."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ...models.additional_fields import AdditionalField, Json
from ...models.errors import Unauthorized
from ...models.mappers import Mapper
from ...models.records import User
from ...storage.refused_values import refuse_values
from ..additional_input import collect_changes, refuse_unfit
from ..errors import FailedToUpdateUser, NoFieldsToUpdate
from ..users.users import Users

_CORE: Final = (
    AdditionalField(name="name", type="string", required=True),
    AdditionalField(name="image", type="string", required=False),
)


class Profile:
    """Changes name, image and additional fields."""

    def __init__(self, users: Users, mapper: Mapper[User]) -> None:
        self._users = users
        self._mapper = mapper

    @property
    def additional_names(self) -> Sequence[str]:
        """The additional fields that a body may contain."""
        return [field.name for field in self._mapper.additional]

    async def change(
        self, user: User, core: Mapping[str, Json], additional: Mapping[str, Json], now: datetime
    ) -> User:
        """Changes these fields and returns the user. `core` is by attribute.

        Raises FieldNotAllowed, NoFieldsToUpdate, InvalidBody, FailedToUpdateUser and, if the user
        does not exist any more, Unauthorized.
        """
        more = collect_changes(self._mapper.additional, additional)
        if not core and not more:
            raise NoFieldsToUpdate
        refuse_unfit((*_CORE, *self._mapper.additional), {**core, **more})
        with refuse_values(FailedToUpdateUser):
            found = await self._users.change(user, {**core, **more}, now)
        if found is None:
            raise Unauthorized
        return found
