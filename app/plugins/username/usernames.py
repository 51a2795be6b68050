"""Usernames of new and of changed users: the hooks of the plugin."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET
from sqlalchemy import bindparam, select

from ...auth.errors import FailedToCreateUser
from ...auth.hooks import PendingUser, UserChange, Values
from ...models.additional_fields import Json
from ...models.records import User
from ...web.endpoint import AnyApiRequest
from ..plugin import Services
from .errors import TO_STORE, UsernameImmutable, UsernameTaken
from .options import DISPLAY_USERNAME, USERNAME, UsernameOptions
from .rules import UsernameRules

_BOTH: Final = (USERNAME, DISPLAY_USERNAME)
_SIGN_UP: Final = "/sign-up/email"
# Better Auth normalizes what is sent here before its hook sees it.
_NORMALIZED: Final = "/sign-in/email-otp"


class Usernames:
    """Finds usernames, and checks those that are about to be stored."""

    def __init__(
        self, services: Services, options: UsernameOptions, rules: UsernameRules, column: str
    ) -> None:
        self._options = options
        self._rules = rules
        self._guard = services.guard
        self._database = services.database
        table = services.mappers.user.table
        self._owner = select(table.c.id).where(table.c[column] == bindparam("username")).limit(1)

    async def find_owner(self, username: str) -> str | None:
        """Returns the id of the user with this username, which must be normalized, or None."""
        row = await self._database.read_one(self._owner, {"username": username})
        return None if row is None else str(row[0])

    async def check_sign_up(self, request: AnyApiRequest) -> None:
        """Checks the username in a body of `/sign-up/email`.

        Raises UsernameTooShort, UsernameTooLong, InvalidUsername, UsernameTaken.
        """
        fields = request.read_fields(_BOTH)
        username = self._choose(fields.get(USERNAME, UNSET), fields.get(DISPLAY_USERNAME))
        if isinstance(username, str):
            await self._check(username, None)

    async def check_update(self, request: AnyApiRequest) -> None:
        """Checks the username in a body of `/update-user`, as `check_sign_up` does.

        Raises UsernameImmutable, too. Without a session every user's name is taken.
        """
        fields = request.read_fields(_BOTH)
        username = fields.get(USERNAME, UNSET)
        if isinstance(username, str):
            self._refuse_faulty(username)
        elif username is not None or not self._options.immutable_username:
            return
        active = await self._guard.find_stored(request.headers, request.now)
        user = None if active is None else active.user
        stored = None if username is None else self._rules.normalize(username)
        if self._options.immutable_username and user is not None:
            current = get_username(user)
            if current and current != stored:
                raise UsernameImmutable
        if stored is not None:
            await self._refuse_taken(stored, None if user is None else user.id)

    async def prepare_new(self, pending: PendingUser) -> Values:
        """Returns the usernames of a new user, as they are stored.

        Raises FailedToCreateUser and, if `check_sign_up` did not see them, what that raises.
        """
        request, values = pending.request, pending.values
        username, display = values.get(USERNAME), values.get(DISPLAY_USERNAME)
        path = None if request is None else request.path
        is_checked = path == _SIGN_UP
        if path == _NORMALIZED and isinstance(username, str):
            username = self._rules.normalize(username)
        if request is not None and is_checked and USERNAME not in values:
            sent = request.body.read_fields((DISPLAY_USERNAME,))
            username = self._choose(UNSET, sent.get(DISPLAY_USERNAME))
        if not _is_truthy(username):
            return {}
        if isinstance(username, str):
            if not is_checked:
                await self._check(username, None)
            stored: object = self._rules.normalize(username)
        elif self._options.username_normalization:
            raise FailedToCreateUser  # nothing else has a lower case
        else:
            stored = username
        if not self._options.display_username:
            return {USERNAME: stored}
        return {USERNAME: stored, DISPLAY_USERNAME: display if _is_truthy(display) else username}

    async def prepare_change(self, change: UserChange) -> Values:
        """Returns the username of a changed user, as it is stored. Raises as `check_sign_up`."""
        username = change.values.get(USERNAME)
        if not isinstance(username, str) or not username:
            return {}
        await self._check(username, change.user.id)
        return {USERNAME: self._rules.normalize(username)}

    def list_login_names(self, user: User) -> Sequence[str]:
        """Returns the name by which the wrong passwords of a user are counted."""
        username = get_username(user)
        return [] if username is None else [make_login_name(username)]

    def _choose(self, username: object, display: Json) -> object:
        """Returns the username of a sign-up. Without one, the display username if it is valid."""
        if username is not UNSET or not isinstance(display, str):
            return username
        return username if self._rules.find_fault(display) else display

    async def _check(self, username: str, user_id: str | None) -> None:
        self._refuse_faulty(username)
        await self._refuse_taken(self._rules.normalize(username), user_id)

    def _refuse_faulty(self, username: str) -> None:
        fault = self._rules.find_fault(username)
        if fault is not None:
            raise TO_STORE[fault]

    async def _refuse_taken(self, stored: str, user_id: str | None) -> None:
        owner = await self.find_owner(stored)
        if owner is not None and owner != user_id:
            raise UsernameTaken


def get_username(user: User) -> str | None:
    """Returns the username of a user, or None."""
    found: str | None = getattr(user, USERNAME)
    return found


def make_login_name(username: str) -> str:
    """Returns `Login.account`, which is no mail address. The username is normalized."""
    return f"username|{username}"


def _is_truthy(value: object) -> bool:
    """Whether the value is true in JavaScript, where lists and objects are."""
    return value is not UNSET and (bool(value) or isinstance(value, list | dict))
