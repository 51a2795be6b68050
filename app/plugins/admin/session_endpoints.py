"""The endpoints of the plugin that concern sessions of users."""

from typing import Final

from ...auth.errors import NobodySignedIn, NoSuchUser, UserDisabled
from ...models.records import ADA, ADAS_SESSION
from ...web.endpoint import Caller, Endpoint
from . import errors
from .bodies import ImpersonationView, SessionsView, UserIdBody, UserSessionBody
from .user_endpoints import ADA_ID, SUCCESS, TAG

_IMPERSONATION: Final = ImpersonationView(ADAS_SESSION, ADA)

LIST_USER_SESSIONS = Endpoint(
    "POST /admin/list-user-sessions",
    name="adminListUserSessions",
    tag=TAG,
    summary="List the sessions of a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserIdBody,
    accepts_nested=True,
    body_examples={"A user": ADA_ID},
    responses={"One session": SessionsView([ADAS_SESSION])},
    refuses=(errors.MayNotListSessions,),
)
REVOKE_USER_SESSIONS = Endpoint(
    "POST /admin/revoke-user-sessions",
    name="revokeUserSessions",
    tag=TAG,
    summary="End all sessions of a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserIdBody,
    accepts_nested=True,
    body_examples={"A user": ADA_ID},
    responses={"Ended": SUCCESS},
    refuses=(errors.MayNotRevokeSessions,),
)
REVOKE_USER_SESSION = Endpoint(
    "POST /admin/revoke-user-session",
    name="revokeUserSession",
    tag=TAG,
    summary="End a session of a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserSessionBody,
    body_examples={"A session": {"sessionToken": ADAS_SESSION.token}},
    responses={"Ended": SUCCESS},
    refuses=(errors.MayNotRevokeSessions,),
)
IMPERSONATE_USER = Endpoint(
    "POST /admin/impersonate-user",
    name="impersonateUser",
    tag=TAG,
    summary="Sign in as a user",
    caller=Caller.STORED,
    unauthorized=NobodySignedIn,
    body=UserIdBody,
    accepts_nested=True,
    body_examples={"A user": ADA_ID},
    responses={"Signed in": _IMPERSONATION},
    refuses=(
        errors.MayNotImpersonate,
        errors.MayNotImpersonateAdmins,
        errors.UserIsBanned,
        UserDisabled,
        NoSuchUser,
    ),
)
STOP_IMPERSONATING = Endpoint(
    "POST /admin/stop-impersonating",
    name="stopImpersonating",
    tag=TAG,
    summary="Return to the administrator's own session",
    caller=Caller.SESSION,
    unauthorized=NobodySignedIn,
    responses={"Signed in": _IMPERSONATION},
    refuses=(
        errors.NotImpersonating,
        errors.ImpersonatorNotFound,
        errors.AdminSessionNotFound,
    ),
)
