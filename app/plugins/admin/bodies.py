"""What requests to the plugin contain, and what it responds."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self, cast

from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert

from ...models.additional_fields import Json
from ...models.errors import InvalidBody
from ...models.records import ADA, Session, User
from ...web.input.validation import WireBody, WireQuery

_TEXT = {"type": "string"}
_UserId = Annotated[object, Meta(examples=[ADA.id], extra_json_schema=_TEXT)]
_Role = Annotated[str | list[str], Meta(description="One role, or several.", examples=["user"])]
_Value = Annotated[object, Meta(extra_json_schema={"description": "Of the type of the field."})]
_Data = Annotated[
    dict[str, _Value], Meta(description="Fields of the user, also additional fields.")
]
_Permissions = Annotated[
    object,
    Meta(
        description="Actions by resource.",
        extra_json_schema={
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    ),
]
_Number = Annotated[str, Meta(extra={"mismatch": "Invalid input"})]
_Operator = Literal[
    "eq",
    "ne",
    "lt",
    "lte",
    "gt",
    "gte",
    "in",
    "not_in",
    "contains",
    "starts_with",
    "ends_with",
]


class UserIdBody(WireBody, frozen=True):
    """Names a user. Whatever is sent is read as text, as `z.coerce.string` does."""

    user_id: _UserId

    @property
    def target(self) -> str:
        """The id as text."""
        return to_js_text(self.user_id)


class RoleBody(UserIdBody, frozen=True):
    """The body of `/admin/set-role`."""

    role: _Role


class NewUserBody(WireBody, frozen=True, kw_only=True):
    """The body of `/admin/create-user`. Without a password the user has none."""

    email: Annotated[str, Meta(examples=["grace@example.com"])]
    password: str | UnsetType = UNSET
    name: str
    role: _Role | UnsetType = UNSET
    data: _Data | UnsetType = UNSET


class UserDataBody(UserIdBody, frozen=True):
    """The body of `/admin/update-user`."""

    data: _Data


class BanBody(UserIdBody, frozen=True):
    """The body of `/admin/ban-user`."""

    ban_reason: str | UnsetType = UNSET
    ban_expires_in: Annotated[float, Meta(description="Seconds.")] | UnsetType = UNSET


class UserPasswordBody(WireBody, frozen=True):
    """The body of `/admin/set-user-password`."""

    new_password: Annotated[
        str, Meta(min_length=1, extra={"refusal": "newPassword cannot be empty"})
    ]
    user_id: _UserId

    @property
    def target(self) -> str:
        """The id as text."""
        return to_js_text(self.user_id)

    @classmethod
    def read(cls, received: Json | UnsetType) -> Self:
        """Also refuses an empty id."""
        body = super().read(received)
        if not body.target:
            raise InvalidBody("[body.userId] userId cannot be empty")
        return body


class UserSessionBody(WireBody, frozen=True):
    """The body of `/admin/revoke-user-session`."""

    session_token: str


class PermissionBody(WireBody, frozen=True):
    """The body of `/admin/has-permission`. `permission` and `permissions` exclude each other."""

    user_id: Annotated[object, Meta(extra_json_schema=_TEXT)] = UNSET
    role: str | UnsetType = UNSET
    permission: _Permissions = UNSET
    permissions: _Permissions = UNSET

    @classmethod
    def read(cls, received: Json | UnsetType) -> Self:
        """Reads it as `z.object().and(z.xor())`: both report what is wrong."""
        lines: list[str] = []
        body = None
        try:
            body = super().read(received)
        except InvalidBody as refusal:
            lines.append(refusal.message)
        sent = received if isinstance(received, dict) else {}
        matching = [_is_record(sent.get(name)) for name in ("permission", "permissions")]
        if not any(matching):
            lines.append("[body] Invalid input")
        elif all(matching):
            lines.append("[body] Invalid input: more than one option matched")
        if lines or body is None:
            raise InvalidBody("; ".join(lines))
        return body

    @property
    def asked(self) -> Mapping[str, list[str]] | None:
        """The actions by resource. None if `permission` names them, which nobody reads."""
        found = self.permissions
        return cast("Mapping[str, list[str]]", found) if _is_record(found) else None


class UserQuery(WireQuery, frozen=True):
    """The query of `/admin/get-user`."""

    id: str


class UserListQuery(WireQuery, frozen=True):
    """The query of `/admin/list-users`."""

    search_value: str | UnsetType = UNSET
    search_field: Literal["email", "name"] | UnsetType = UNSET
    search_operator: Literal["contains", "starts_with", "ends_with"] | UnsetType = UNSET
    limit: _Number | UnsetType = UNSET
    offset: _Number | UnsetType = UNSET
    sort_by: str | UnsetType = UNSET
    sort_direction: Literal["asc", "desc"] | UnsetType = UNSET
    filter_field: str | UnsetType = UNSET
    filter_value: str | list[str] | UnsetType = UNSET
    filter_operator: _Operator | UnsetType = UNSET


class UserView(Struct, frozen=True):
    """A user."""

    user: User


class UserPage(Struct, frozen=True):
    """A page of users. `total` counts all that match."""

    users: list[User]
    total: int
    limit: int | UnsetType = UNSET
    offset: int | UnsetType = UNSET


class SessionsView(Struct, frozen=True):
    """The sessions of a user."""

    sessions: list[Session]


class ImpersonationView(Struct, frozen=True):
    """A session and its user."""

    session: Session
    user: User


class PermissionView(Struct, frozen=True):
    """Whether all permissions are granted."""

    error: None
    success: bool


class Success(Struct, frozen=True):
    """It is done."""

    success: Literal[True]


class PasswordSet(Struct, frozen=True):
    """The password is set."""

    status: Literal[True]


def to_js_text(value: object) -> str:
    """Returns JavaScript's `String(value)` of a JSON value."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ",".join(_to_js_texts(value))
    return "[object Object]" if isinstance(value, dict) else str(value)


def _to_js_texts(items: Iterable[object]) -> Iterable[str]:
    return ("" if item is None else to_js_text(item) for item in items)


def _is_record(value: object) -> bool:
    try:
        convert(value, dict[str, list[str]])
    except ValidationError:
        return False
    return True
