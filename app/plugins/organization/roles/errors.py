"""The refusals about roles."""

from collections.abc import Sequence

from ....models.errors import Refusal


class NoOrganizationForRole(Refusal):
    status, code = 400, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE"
    message = "You must be in an organization to create a role"


class RoleRefusal(Refusal):
    """What the caller may not do with a role. `missing` are the permissions that it needs."""

    def __init__(
        self, headers: Sequence[tuple[str, str]] = (), *, missing: Sequence[str] = ()
    ) -> None:
        super().__init__(headers)
        self.details = {"missingPermissions": list(missing)} if missing else {}


class RoleCreationNotAllowed(RoleRefusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE"
    message = "You are not allowed to create a role"


class RoleUpdateNotAllowed(RoleRefusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE"
    message = "You are not allowed to update a role"


class RoleDeletionNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE"
    message = "You are not allowed to delete a role"


class RoleReadingNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE"
    message = "You are not allowed to read a role"


class RoleListingNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE"
    message = "You are not allowed to list a role"


class TooManyRoles(Refusal):
    status, code, message = 400, "TOO_MANY_ROLES", "This organization has too many roles"


class InvalidResource(Refusal):
    status, code = 400, "INVALID_RESOURCE"
    message = "The provided permission includes an invalid resource"


class RoleNameTaken(Refusal):
    status, code, message = 400, "ROLE_NAME_IS_ALREADY_TAKEN", "That role name is already taken"


class PredefinedRole(Refusal):
    status, code, message = (
        400,
        "CANNOT_DELETE_A_PRE_DEFINED_ROLE",
        "Cannot delete a pre-defined role",
    )


class RoleIsAssigned(Refusal):
    status, code = 400, "ROLE_IS_ASSIGNED_TO_MEMBERS"
    message = (
        "Cannot delete a role that is assigned to members. Please reassign the members to a"
        " different role first"
    )
