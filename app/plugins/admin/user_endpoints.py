"""The endpoints of the plugin that concern users."""

from typing import Final

from ...auth.errors import (
    FailedToCreateUser,
    FailedToDeleteUser,
    FailedToUpdateUser,
    HashingOverloaded,
    InvalidEmail,
    NobodySignedIn,
    NoSuchUser,
    PasswordTooLong,
    PasswordTooShort,
)
from ...models.records import ADA, ADAS_SESSION
from ...web.endpoint import COOKIES, Caller, Endpoint
from . import errors
from .bodies import (
    BanBody,
    ImpersonationView,
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

TAG: Final = "Administration"
SUCCESS: Final = Success(success=True)
ADA_ID: Final = {"userId": ADA.id}
_IMPERSONATION: Final = ImpersonationView(ADAS_SESSION, ADA)

CREATE_USER = Endpoint(
    "POST /admin/create-user",
    name="createUser",
    tag=TAG,
    summary="Create a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=NewUserBody,
    accepts_nested=True,
    body_examples={"A user": {"email": ADA.email, "name": "Ada", "role": "user"}},
    responses={"Created": UserView(ADA)},
    refuses=(
        errors.MayNotCreateUsers,
        errors.MayNotChangeRoles,
        errors.MayNotBanUsers,
        errors.InvalidRoleType,
        errors.UnknownRole,
        errors.EmailIsTaken,
        InvalidEmail,
        PasswordTooLong,
        FailedToCreateUser,
        HashingOverloaded,
    ),
)
LIST_USERS = Endpoint(
    "GET /admin/list-users",
    name="listUsers",
    tag=TAG,
    summary="List users",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    query=UserListQuery,
    responses={"A page": UserPage([ADA], 41, limit=10, offset=20)},
    refuses=(errors.MayNotListUsers,),
)
GET_USER = Endpoint(
    "GET /admin/get-user",
    name="getUser",
    tag=TAG,
    summary="Get a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    query=UserQuery,
    responses={"The user": ADA},
    refuses=(errors.MayNotGetUser, NoSuchUser),
)
UPDATE_USER = Endpoint(
    "POST /admin/update-user",
    name="adminUpdateUser",
    tag=TAG,
    summary="Change a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserDataBody,
    accepts_nested=True,
    body_examples={"A name": {**ADA_ID, "data": {"name": "Ada Lovelace"}}},
    responses={"Changed": ADA},
    refuses=(
        errors.MayNotUpdateUsers,
        errors.MayNotChangeRoles,
        errors.MayNotBanUsers,
        errors.MayNotSetEmails,
        errors.MayNotSetPhoneNumbers,
        errors.NoDataToUpdate,
        errors.PasswordIsNotUpdated,
        errors.UserIdIsNotUpdated,
        errors.InvalidRoleType,
        errors.UnknownRole,
        errors.CannotBanYourself,
        errors.EmailIsTaken,
        NoSuchUser,
        InvalidEmail,
        FailedToUpdateUser,
    ),
)
SET_ROLE = Endpoint(
    "POST /admin/set-role",
    name="setUserRole",
    tag=TAG,
    summary="Set the roles of a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=RoleBody,
    accepts_nested=True,
    body_examples={
        "A role": {**ADA_ID, "role": "admin"},
        "Several": {**ADA_ID, "role": ["user", "admin"]},
    },
    responses={"Changed": UserView(ADA)},
    refuses=(errors.MayNotChangeRoles, errors.UnknownRole, NoSuchUser, FailedToUpdateUser),
)
SET_PASSWORD = Endpoint(
    "POST /admin/set-user-password",
    name="setUserPassword",
    tag=TAG,
    summary="Set the password of a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserPasswordBody,
    accepts_nested=True,
    body_examples={"A password": {**ADA_ID, "newPassword": "correct horse battery"}},
    responses={"Set": PasswordSet(status=True)},
    refuses=(
        errors.MayNotSetPasswords,
        NoSuchUser,
        PasswordTooShort,
        PasswordTooLong,
        HashingOverloaded,
    ),
)
BAN_USER = Endpoint(
    "POST /admin/ban-user",
    name="banUser",
    tag=TAG,
    summary="Ban a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=BanBody,
    accepts_nested=True,
    body_examples={"For a day": {**ADA_ID, "banReason": "Spam", "banExpiresIn": 86400}},
    responses={"Banned": UserView(ADA)},
    refuses=(
        errors.MayNotBanUsers,
        errors.CannotBanYourself,
        NoSuchUser,
        FailedToUpdateUser,
    ),
)
UNBAN_USER = Endpoint(
    "POST /admin/unban-user",
    name="unbanUser",
    tag=TAG,
    summary="Lift the ban of a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserIdBody,
    accepts_nested=True,
    body_examples={"A user": ADA_ID},
    responses={"Lifted": UserView(ADA)},
    refuses=(errors.MayNotBanUsers, NoSuchUser, FailedToUpdateUser),
)
REMOVE_USER = Endpoint(
    "POST /admin/remove-user",
    name="removeUser",
    tag=TAG,
    summary="Delete a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserIdBody,
    accepts_nested=True,
    body_examples={"A user": ADA_ID},
    responses={"Deleted": SUCCESS},
    refuses=(
        errors.MayNotDeleteUsers,
        errors.CannotRemoveYourself,
        NoSuchUser,
        FailedToDeleteUser,
    ),
)
HAS_PERMISSION = Endpoint(
    "POST /admin/has-permission",
    name="userHasPermission",
    tag=TAG,
    summary="Whether I have permissions",
    caller=Caller.HANDLER,
    body=PermissionBody,
    accepts_nested=True,
    body_examples={"Permissions": {"permissions": {"user": ["create", "list"]}}},
    responses={"Granted": PermissionView(None, success=True)},
    headers=COOKIES,
    refuses=(NobodySignedIn, errors.NoPermissionsPassed),
)
