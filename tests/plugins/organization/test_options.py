import pytest

from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from tests.support.secret import STRONG_SECRET


def faults(**variables: str) -> list[str]:
    """What is wrong with these variables, after the prefix of the plugin."""
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_PLUGINS": "organization",
        **{f"BETTER_AUTH_ORGANIZATION_{name}": value for name, value in variables.items()},
    }
    try:
        read_settings(environ, None)
    except SettingsError as error:
        return [line.removeprefix("BETTER_AUTH_ORGANIZATION_") for line in error.lines]
    return []


def test_defaults_are_right() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("SEND_INVITATION_EMAIL", "true", "needs a mail server"),
        ("INVITATION_LINK", "https://app.example.com/join", "must be the address of a page"),
        ("INVITATION_LINK", "/join/{id}", "must be the address of a page"),
        ("INVITATION_LINK", "https://[::1/{id}", "must be the address of a page"),
        ("CREATOR_ROLE", "owner,admin", "must be the name of one role"),
        ("CREATOR_ROLE", "boss", "is none of admin, member, owner"),
        ("ROLES", '{"owner":{"project":["share"]}}', "owner has project:share"),
        ("ROLES", '{"admin":{"member":["create"]}}', "has no role 'owner'"),
        ("DYNAMIC_ACCESS_CONTROL_ENABLED", "true", "needs BETTER_AUTH_ORGANIZATION_AC"),
        ("AC", "[]", "must be JSON such as"),
        ("MEMBERSHIP_LIMIT", "0", "must be a whole number from 1"),
        ("SCHEMA_MEMBER_FIELDS", '{"nickname":"x"}', "'nickname' is not one of"),
        ("SCHEMA_INVITATION_FIELDS", '{"email":"role"}', "two fields have the column 'role'"),
        ("SCHEMA_TEAM_MODEL_NAME", "x" * 64, "is longer than 63 bytes"),
        ("ORGANIZATION_HOOKS", "x", "does not offer"),
        ("SCHEMA_MEMBER_ADDITIONAL_FIELDS", "{}", "does not offer"),
    ],
)
def test_fault_names_the_variable_and_the_remedy(name: str, value: str, fault: str) -> None:
    (line,) = faults(**{name: value})
    assert line.startswith(name)
    assert fault in line


def test_creator_may_have_a_role_of_ones_own() -> None:
    roles = '{"boss":{"member":["create"]}}'
    assert faults(ROLES=roles, CREATOR_ROLE="boss") == []


def test_organizations_make_roles_with_access_control() -> None:
    statements = '{"project":["share"]}'
    assert faults(DYNAMIC_ACCESS_CONTROL_ENABLED="true", AC=statements) == []


def test_names_of_teams_may_be_those_of_columns_that_teams_add() -> None:
    names = '{"teamId":"team_ids"}'
    assert faults(TEAMS_ENABLED="true", SCHEMA_INVITATION_FIELDS=names) == []
