import pytest
from msgspec.structs import replace

from app.mail.letters import Letters
from app.mail.mailer import Message
from app.mail.templates import Templates
from app.records import ADA, User
from tests.smtp import Outgoing

URL = "https://app.example/api/auth/x?token=t"


def written(user: User = ADA) -> Message:
    outgoing = Outgoing()
    Letters(outgoing, Templates.load(), "https://app.example").reset_password(user, URL)
    [message] = outgoing.messages
    return message


def test_letter_goes_to_the_user() -> None:
    message = written()
    assert message.to == ADA.email
    assert message.text.startswith("Hello Ada,")


def test_every_letter_carries_its_link() -> None:
    outgoing = Outgoing()
    letters = Letters(outgoing, Templates.load(), "https://app.example")
    letters.reset_password(ADA, URL)
    letters.verify_email(ADA, URL)
    letters.verify_email(ADA, URL, to="new@example.com")
    letters.change_email(ADA, "new@example.com", URL)
    letters.delete_account(ADA, URL)
    old = ADA.email
    assert [message.to for message in outgoing.messages] == [old, old, "new@example.com", old, old]
    assert all(URL in message.text for message in outgoing.messages)
    assert "new@example.com" in outgoing.messages[3].text


@pytest.mark.parametrize(
    "name",
    [
        "Win at http://evil.example",
        "go to evil.example",
        "mail@evil.example",
        "",
        "\u202eadA",
        "x" * 61,
    ],
)
def test_name_that_is_a_message_is_not_passed_on(name: str) -> None:
    message = written(replace(ADA, name=name))
    assert message.text.startswith(f"Hello {ADA.email},")


@pytest.mark.parametrize("name", ["Dr. Ada Lovelace", "O'Brien", "José", "李"])
def test_name_is_used(name: str) -> None:
    assert written(replace(ADA, name=name)).text.startswith(f"Hello {name},")


def test_line_breaks_in_a_name_are_blanks() -> None:
    assert written(replace(ADA, name="Ada\n\nEve")).text.startswith("Hello Ada Eve,")
