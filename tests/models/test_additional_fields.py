"""What the settings may say of additional fields."""

import re
from pathlib import Path

import pytest

from app.models.additional_fields import read_fields
from app.plugins.jwt.plugin import PLUGIN as JWT
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from tests.support.secret import STRONG_SECRET

SECRET = {"BETTER_AUTH_SECRET": STRONG_SECRET}
NAME = "BETTER_AUTH_USER_ADDITIONAL_FIELDS"


def fault(text: str, **more: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings({**SECRET, NAME: text, **more}, None)
    (line,) = caught.value.lines
    return line


def test_fields_keep_their_order_and_attributes() -> None:
    one, two = read_fields(
        '{"b": {"type": "string", "fieldName": "bb"}, "a": {"type": ["x", "y"], "input": false}}'
    )
    assert (one.name, one.column, one.required) == ("b", "bb", None)
    assert (two.name, two.column, two.input) == ("a", "a", False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("role", "must be JSON such as"),
        ("[]", "must be JSON such as"),
        ('{"role": "string"}', "must be JSON such as"),
        ('{"role": {}}', "missing required field `type`"),
        ('{"role": {"type": "text"}}', "Invalid enum value"),
        ('{"role": {"type": "string", "requird": true}}', "unknown field `requird`"),
        ('{"my-role": {"type": "string"}}', "use letters, digits and _"),
        ('{"r": {"type": "string", "fieldName": "a\\"b"}}', "use letters, digits and _"),
        ('{"email": {"type": "string"}}', "a name of Better Auth"),
        ('{"created_at": {"type": "string"}}', "a name of Better Auth"),
        ('{"x": {"type": "string", "fieldName": "EMAIL"}}', "a name of Better Auth"),
        (
            '{"x": {"type": "string"}, "y": {"type": "string", "fieldName": "x"}}',
            "a name of Better Auth",
        ),
    ],
)
def test_bad_fields_are_told_in_one_line(text: str, words: str) -> None:
    line = fault(text)
    assert line.startswith(NAME)
    assert words in line


def test_claims_may_name_them(tmp_path: Path) -> None:
    fields = '{"role": {"type": "string"}, "note": {"type": "string", "returned": false}}'
    claims = {NAME: fields, "BETTER_AUTH_JWT_CLAIMS": "role"}
    assert JWT.get_options(read_settings({**SECRET, **claims}, None)).claims == ("role",)
    line = fault(fields, BETTER_AUTH_JWT_CLAIMS="note")
    assert re.search("BETTER_AUTH_JWT_CLAIMS: 'note' is not a user field", line)
