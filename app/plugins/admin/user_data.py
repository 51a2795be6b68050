"""The fields of users that administrators may set, checked and by attribute."""

from collections.abc import Mapping
from typing import Final, cast

from msgspec import UNSET, UnsetType

from ...auth.additional_input import refuse_unfit
from ...auth.errors import InvalidEmail
from ...auth.hooks import Values
from ...auth.users.emails import is_email
from ...models.additional_fields import AdditionalField, Json
from ...models.clock import from_iso, to_iso
from ...models.records import User
from .access import ROLE, AdminAccess
from .bans import BAN_EXPIRES, BAN_REASON, BANNED
from .errors import (
    CannotBanYourself,
    MayNotBanUsers,
    MayNotChangeRoles,
    MayNotSetEmails,
    MayNotSetPhoneNumbers,
    NoDataToUpdate,
    PasswordIsNotUpdated,
    UserIdIsNotUpdated,
)

_ATTRIBUTES: Final = {
    "id": "id",
    "name": "name",
    "email": "email",
    "emailVerified": "email_verified",
    "image": "image",
    "createdAt": "created_at",
}
_CORE: Final = (
    AdditionalField(name="id", type="string"),
    AdditionalField(name="name", type="string"),
    AdditionalField(name="emailVerified", type="boolean"),
    AdditionalField(name="image", type="string", required=False),
    AdditionalField(name="createdAt", type="date"),
)
_BAN: Final = (BANNED, BAN_REASON, BAN_EXPIRES)

Data = Mapping[str, Json]


class UserData:
    """Reads `data` of `/admin/create-user` and `/admin/update-user` for an administrator."""

    def __init__(self, access: AdminAccess, additional: tuple[AdditionalField, ...]) -> None:
        self._access = access
        self._additional = additional

    def read_role(self, caller: User, asked: Json | UnsetType) -> Values:
        """Returns the role of a new user, if one is asked for.

        Raises MayNotChangeRoles, InvalidRoleType, UnknownRole.
        """
        if asked is UNSET:
            return {}
        self._access.check(caller, "user", "set-role", MayNotChangeRoles)
        return {ROLE: self._access.join_roles(asked)}

    def check_ban(self, caller: User, data: Data) -> None:
        """Raises MayNotBanUsers if the data are of a ban."""
        if any(name in data for name in _BAN):
            self._access.check(caller, "user", "ban", MayNotBanUsers)

    def read_changes(self, caller: User, target: str, data: Data) -> dict[str, Json]:
        """Returns the data for the user with the id `target`, with its role and address in form.

        Raises NoDataToUpdate, PasswordIsNotUpdated, UserIdIsNotUpdated, InvalidEmail, and for what
        the caller may not do.
        """
        if not data:
            raise NoDataToUpdate
        if "password" in data:
            raise PasswordIsNotUpdated
        if "id" in data:
            raise UserIdIsNotUpdated
        changes = dict(data)
        changes.update(cast("Data", self.read_role(caller, data.get(ROLE, UNSET))))
        self.check_ban(caller, data)
        if data.get(BANNED) is True and target == caller.id:
            raise CannotBanYourself
        if "email" in data or "emailVerified" in data:
            self._access.check(caller, "user", "set-email", MayNotSetEmails)
        if "email" in data:
            changes["email"] = read_email(data["email"])
        return changes

    def check_phone_number(self, caller: User, data: Data) -> None:
        """Raises MayNotSetPhoneNumbers."""
        if "phoneNumber" in data or "phoneNumberVerified" in data:
            self._access.check(caller, "user", "set-phone", MayNotSetPhoneNumbers)

    def to_attributes(self, data: Data) -> Values:
        """Returns the values of fields that a user has, by attribute. Raises InvalidBody."""
        refuse_unfit((*_CORE, *self._additional), data, "body.data")
        core = {attribute: data[name] for name, attribute in _ATTRIBUTES.items() if name in data}
        created_at = core.get("created_at")
        if isinstance(created_at, str):
            core["created_at"] = to_iso(from_iso(created_at))
        more = {field.name: data[field.name] for field in self._additional if field.name in data}
        return {**core, **more}


def read_email(value: Json) -> str:
    """Returns an address in lower case. Raises InvalidEmail."""
    email = value.lower() if isinstance(value, str) else ""
    if not is_email(email):
        raise InvalidEmail
    return email
