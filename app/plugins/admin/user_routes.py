"""HTTP for the use cases of `ManagedUsers` and `UserSearch`."""

from ...auth.errors import NobodySignedIn
from ...auth.sessions.guard import SignedInRequest
from ...auth.sessions.store import ActiveSession
from ...models.records import User
from ...web.endpoint import ApiRequest, Caller, Route
from ...web.http.response import JsonResponse
from ..plugin import Services
from . import errors
from . import user_endpoints as endpoints
from .access import AdminAccess
from .bodies import (
    BanBody,
    NewUserBody,
    PasswordSet,
    PermissionBody,
    PermissionView,
    RoleBody,
    Success,
    UserDataBody,
    UserIdBody,
    UserListQuery,
    UserPage,
    UserPasswordBody,
    UserQuery,
    UserView,
)
from .callers import AdminCallers
from .managed_users import ManagedUsers
from .user_search import UserSearch


class AdminUserRoutes:
    """The endpoints about users. Each first checks what the caller may do."""

    def __init__(
        self, services: Services, access: AdminAccess, callers: AdminCallers, users: ManagedUsers
    ) -> None:
        self._guard = services.guard
        self._access = access
        self._callers = callers
        self._users = users
        self._search = UserSearch(services)

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._guard
        return [
            endpoints.SET_ROLE.with_handler(self.set_role, guard),
            endpoints.GET_USER.with_handler(self.get_user, guard),
            endpoints.CREATE_USER.with_handler(self.create_user, guard),
            endpoints.UPDATE_USER.with_handler(self.update_user, guard),
            endpoints.LIST_USERS.with_handler(self.list_users, guard),
            endpoints.UNBAN_USER.with_handler(self.unban_user, guard),
            endpoints.BAN_USER.with_handler(self.ban_user, guard),
            endpoints.REMOVE_USER.with_handler(self.remove_user, guard),
            endpoints.SET_PASSWORD.with_handler(self.set_password, guard),
            endpoints.HAS_PERMISSION.with_handler(self.has_permission),
        ]

    async def set_role(self, request: SignedInRequest[RoleBody]) -> JsonResponse[UserView]:
        """One role or several. With the option `roles` they must be among them."""
        refusal = errors.MayNotChangeRoles
        await self._callers.get_allowed(request.caller, "user", "set-role", refusal)
        body = request.body
        return JsonResponse(
            UserView(await self._users.set_role(body.target, body.role, request.now))
        )

    async def get_user(
        self, request: ApiRequest[None, ActiveSession, UserQuery]
    ) -> JsonResponse[User]:
        """The user with this id."""
        await self._callers.get_allowed(request.caller, "user", "get", errors.MayNotGetUser)
        return JsonResponse(await self._users.get(request.query.id))

    async def create_user(self, request: SignedInRequest[NewUserBody]) -> JsonResponse[UserView]:
        """The user is not signed in, and gets no mail. `data` are fields of the user.

        A user without a password signs in by other means.
        """
        refusal = errors.MayNotCreateUsers
        caller = await self._callers.get_allowed(request.caller, "user", "create", refusal)
        made = await self._users.create(caller, request.body, request.context, request.now)
        return JsonResponse(UserView(made))

    async def update_user(self, request: SignedInRequest[UserDataBody]) -> JsonResponse[User]:
        """`data` are fields of the user. Unknown fields are ignored."""
        refusal = errors.MayNotUpdateUsers
        caller = await self._callers.get_allowed(request.caller, "user", "update", refusal)
        return JsonResponse(await self._users.update(caller, request.body, request.now))

    async def list_users(
        self, request: ApiRequest[None, ActiveSession, UserListQuery]
    ) -> JsonResponse[UserPage]:
        """A page of users, 100 without `limit`. A query that makes no sense finds nobody."""
        await self._callers.get_allowed(request.caller, "user", "list", errors.MayNotListUsers)
        return JsonResponse(await self._search.find(request.query))

    async def unban_user(self, request: SignedInRequest[UserIdBody]) -> JsonResponse[UserView]:
        """The user may sign in again."""
        await self._callers.get_allowed(request.caller, "user", "ban", errors.MayNotBanUsers)
        return JsonResponse(UserView(await self._users.lift_ban(request.body.target, request.now)))

    async def ban_user(self, request: SignedInRequest[BanBody]) -> JsonResponse[UserView]:
        """Ends the user's sessions at once, and refuses new ones until the ban expires."""
        refusal = errors.MayNotBanUsers
        caller = await self._callers.get_allowed(request.caller, "user", "ban", refusal)
        return JsonResponse(UserView(await self._users.ban(caller, request.body, request.now)))

    async def remove_user(self, request: SignedInRequest[UserIdBody]) -> JsonResponse[Success]:
        """With the user's sessions and accounts."""
        refusal = errors.MayNotDeleteUsers
        caller = await self._callers.get_allowed(request.caller, "user", "delete", refusal)
        await self._users.remove(caller, request.body.target)
        return JsonResponse(endpoints.SUCCESS)

    async def set_password(
        self, request: SignedInRequest[UserPasswordBody]
    ) -> JsonResponse[PasswordSet]:
        """A user without a password gets one."""
        refusal = errors.MayNotSetPasswords
        caller = await self._callers.get_allowed(request.caller, "user", "set-password", refusal)
        await self._users.set_password(caller, request.body, request.now)
        return JsonResponse(PasswordSet(status=True))

    async def has_permission(
        self, request: ApiRequest[PermissionBody]
    ) -> JsonResponse[PermissionView]:
        """Whether one of the caller's roles has all these permissions.

        `role` and `userId` are ignored, as they only count on the server.
        """
        asked = request.body.asked
        if asked is None:
            raise errors.NoPermissionsPassed
        active, request.caller_headers = await self._guard.identify(
            Caller.STORED, request.headers, request.now
        )
        if active is None:
            raise NobodySignedIn
        granted = self._access.has(await self._callers.get(active), asked)
        return JsonResponse(PermissionView(None, success=granted))
