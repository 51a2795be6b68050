"""Creates the endpoints of administrators, what answers them, and the hooks."""

from typing import Final

from ...auth.hooks import Hooks, PendingUser, Values
from ..plugin import BuiltPlugin, Services
from .access import ROLE, AdminAccess
from .bans import Bans
from .callers import AdminCallers
from .errors import UserIsBanned
from .impersonation import Impersonations
from .managed_users import ManagedUsers
from .options import AdminOptions
from .session_routes import AdminSessionRoutes
from .user_endpoints import TAG
from .user_routes import AdminUserRoutes

_SIGNS_IN: Final = ("POST /sign-in/email", "POST /change-password", "GET /verify-email")


def build_admin(services: Services, options: AdminOptions) -> BuiltPlugin:
    """Returns the endpoints and the hooks."""
    access = AdminAccess(options)
    impersonations = Impersonations(services, options, access)
    users = ManagedUsers(services, options, access, impersonations)
    bans, callers = Bans(services, options), AdminCallers(services, access)

    async def give_role(pending: PendingUser) -> Values:
        has_role = pending.values.get(ROLE) is not None
        return {} if has_role else {ROLE: options.default_role}

    return BuiltPlugin(
        routes=[
            *AdminUserRoutes(services, access, callers, users).list_routes(),
            *AdminSessionRoutes(services, callers, users, impersonations).list_routes(),
        ],
        administration=users,
        tags={TAG: "Users, bans and impersonation, for administrators."},
        more_refusals={path: [UserIsBanned] for path in _SIGNS_IN},
        hooks=Hooks(
            before_user_created=[give_role],
            before_session_created=[bans.judge],
            session_added=[bans.judge_again],
            listed_sessions=[impersonations.hide],
        ),
    )
