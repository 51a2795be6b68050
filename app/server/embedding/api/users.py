"""Calls that find, create, change and delete users."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from msgspec import UNSET, UnsetType

from ....auth.audit.events import Event
from ....auth.operators.person_creation import NewPerson
from ....models.clock import now
from ....models.records import User
from ...operation import (
    make_people_list,
    make_person_changes,
    make_person_creation,
    make_person_removal,
    make_personal_data,
)
from .arguments import check_count, check_flag, check_plain_text, check_text
from .calls import Calls
from .fields import FieldValues

_CREATE_PATH: Final = "/admin/create-user"  # at which hooks check the password
_NONE: Final[Mapping[str, object]] = {}


class UserCalls(Calls):
    """Users. A call with a `user_id` that nobody has raises the code `USER_NOT_FOUND`."""

    async def create_user(  # noqa: PLR0913 - the fields of a user, by keyword
        self,
        *,
        email: str,
        name: str,
        password: str | None = None,
        email_verified: bool = False,
        image: str | None = None,
        fields: Mapping[str, object] = _NONE,
    ) -> User:
        """Creates a user, without a session and without a mail. Hooks run as for a sign-up.

        `fields` are additional fields by name, also those with `input: false`. Without a password
        a reset lets the user in, or a link or code of a plugin.

        Raises the codes `VALIDATION_ERROR`, `INVALID_EMAIL`, `PASSWORD_TOO_SHORT`,
        `PASSWORD_TOO_LONG`, `FIELD_NOT_ALLOWED`, `MISSING_FIELD`,
        `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, `FAILED_TO_CREATE_USER`, and what a hook raises.
        """
        async with self._begin() as container:
            person = NewPerson(
                check_text("email", email),
                check_text("name", name),
                None if password is None else check_text("password", password),
                check_flag("email_verified", email_verified),
                None if image is None else check_text("image", image),
                FieldValues(container).read_new(fields),
            )
            creation = make_person_creation(container)
            return await creation.create(person, now(), path=_CREATE_PATH)

    async def find_user(self, user_id: str) -> User | None:
        """Returns the user with this id, or None."""
        async with self._begin() as container:
            return await container.users.find_by_id(check_text("user_id", user_id))

    async def find_user_by_email(self, email: str) -> User | None:
        """Returns the user with this address, in any case of letters, or None."""
        async with self._begin() as container:
            return await make_person_changes(container).find(check_text("email", email), None)

    async def get_user(self, user_id: str) -> User:
        """Returns the user with this id. Raises the code `USER_NOT_FOUND`."""
        async with self._begin() as container:
            return await self._get_user(container, user_id)

    async def list_users(
        self, *, limit: int = 100, after: str | None = None, email_contains: str | None = None
    ) -> list[User]:
        """Returns at most `limit` users, ordered by id.

        `after`: only those that come after this id, such as that of the last user of a page.
        `email_contains`: only those whose address has this text in it, in any case of letters.
        """
        found: list[User] = []
        size = check_count("limit", limit)
        async for page in self._read_pages(after, email_contains, size):
            found += page
            if len(found) >= size:
                break
        return found[:size]

    async def iterate_users(
        self, *, after: str | None = None, email_contains: str | None = None
    ) -> AsyncIterator[User]:
        """Yields all users, ordered by id, with one page of them in memory. As `list_users`."""
        async for page in self._read_pages(after, email_contains):
            for user in page:
                yield user

    async def _read_pages(
        self, after: object, email_contains: object, size: int | None = None
    ) -> AsyncIterator[list[User]]:
        container = await self._open_container()
        last = None if after is None else check_plain_text("after", after)
        contains = (
            None if email_contains is None else check_plain_text("email_contains", email_contains)
        )
        people = make_people_list(container)
        async for page in people.read_pages(after=last, contains=contains, size=size):
            yield [listed.user for listed in page]

    async def update_user(  # noqa: PLR0913 - the fields of a user, by keyword
        self,
        user_id: str,
        *,
        name: str | UnsetType = UNSET,
        email: str | UnsetType = UNSET,
        email_verified: bool | UnsetType = UNSET,
        image: str | UnsetType | None = UNSET,
        fields: Mapping[str, object] = _NONE,
    ) -> User:
        """Changes what is named, and returns the user. Hooks run as for `/update-user`.

        Nothing is mailed. A new address counts as not verified, unless `email_verified` says so.

        Raises the codes `USER_NOT_FOUND`, `VALIDATION_ERROR`, `INVALID_EMAIL`, `FIELD_NOT_ALLOWED`,
        `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, `FAILED_TO_UPDATE_USER`, and what a hook raises.
        Without a change it raises a refusal that has no code.
        """
        async with self._begin() as container:
            changes: dict[str, object] = {}
            if name is not UNSET:
                changes["name"] = check_text("name", name)
            if image is not UNSET:
                changes["image"] = None if image is None else check_text("image", image)
            if email is not UNSET:
                changes["email"] = check_text("email", email).lower()
            if email_verified is not UNSET:
                changes["email_verified"] = check_flag("email_verified", email_verified)
            changes |= FieldValues(container).read_changes(fields)
            user = await self._get_user(container, user_id)
            if changes.get("email", user.email) != user.email:
                changes.setdefault("email_verified", False)
            return await make_person_changes(container).update(user, changes, now())

    async def remove_user(self, user_id: str) -> None:
        """Deletes a user with sessions, accounts and all other rows about the user.

        Raises the codes `USER_NOT_FOUND`, and `FAILED_TO_DELETE_USER` where rows of the application
        still refer to the user; and what a hook raises.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            await make_person_removal(container).remove(user)

    async def export_user(self, user_id: str) -> Mapping[str, object]:
        """Returns all data about a user, by table, without secrets: as `users export`.

        Raises the code `USER_NOT_FOUND`.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            data = await make_personal_data(container).collect(user)
            await container.audit.write(Event("user_exported", user.id))
            return data
