import re
from typing import Any

import pytest
from msgspec.structs import replace

from app.mail.auth_emails import AuthEmails, format_duration, read_link_lifetimes
from app.mail.mailer import Message
from app.mail.templates import Templates
from app.models.records import ADA, User
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    EmailVerificationOptions,
    UserOptions,
)
from app.settings.settings import Settings
from tests.support.smtp import Outgoing

URL = "https://app.example/api/auth/x?token=t"


def make_auth_emails(outgoing: Outgoing, **options: Any) -> AuthEmails:
    lifetimes = read_link_lifetimes(Settings(secret="x" * 32, **options))
    return AuthEmails(outgoing, Templates.load(), "https://app.example", lifetimes)


def written(user: User = ADA) -> Message:
    outgoing = Outgoing()
    make_auth_emails(outgoing).send_reset_password(user, URL)
    [message] = outgoing.messages
    return message


def test_letter_goes_to_the_user() -> None:
    message = written()
    assert message.to == ADA.email
    assert message.text.startswith("Hello Ada,")


def test_every_letter_carries_its_link() -> None:
    outgoing = Outgoing()
    auth_emails = make_auth_emails(outgoing)
    auth_emails.send_reset_password(ADA, URL)
    auth_emails.send_verification_email(ADA, URL)
    auth_emails.send_verification_email(ADA, URL, to="new@example.com")
    auth_emails.send_change_email_confirmation(ADA, "new@example.com", URL)
    auth_emails.send_delete_account_verification(ADA, URL)
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


def all_letters(**options: Any) -> list[Message]:
    outgoing = Outgoing()
    auth_emails = make_auth_emails(outgoing, **options)
    auth_emails.send_reset_password(ADA, URL)
    auth_emails.send_verification_email(ADA, URL)
    auth_emails.send_change_email_confirmation(ADA, "new@example.com", URL)
    auth_emails.send_delete_account_verification(ADA, URL)
    return outgoing.messages


def test_every_letter_says_how_long_its_link_works() -> None:
    usual = all_letters()
    chosen = all_letters(
        email_and_password=EmailAndPasswordOptions(reset_password_token_expires_in=900),
        email_verification=EmailVerificationOptions(expires_in=7 * 24 * 3600),
        user=UserOptions(delete_user=DeleteUserOptions(delete_token_expires_in=2 * 3600)),
    )
    for auth_emails, spans in (
        (usual, ["1 hour", "1 hour", "1 hour", "24 hours"]),
        (chosen, ["15 minutes", "7 days", "7 days", "2 hours"]),
    ):
        for letter, span in zip(auth_emails, spans, strict=True):
            assert f"for {span}." in letter.text
            assert f"for {span}." in letter.html


def test_every_sentence_begins_with_a_capital() -> None:
    for letter in all_letters():
        paragraphs = letter.text.split("\n\n")[1:]
        assert all(re.match(r"[A-Z]|https:", paragraph) for paragraph in paragraphs)
        in_html = re.findall(r"<p[^>]*>([^<]+)", letter.html)
        assert all(text[0].isupper() for text in in_html)
        for text in (" ".join(letter.text.replace(URL, "").split()), *in_html):
            assert re.search(r"[.?!] [a-z]", text) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (90, "90 seconds")),
        *((121, "2 minutes"), (3600, "1 hour"), (3661, "61 minutes"), (5400, "90 minutes")),
        *((7200, "2 hours"), (24 * 3600, "24 hours"), (36 * 3600, "36 hours")),
        *((2 * 24 * 3600, "2 days"), (30 * 24 * 3600, "30 days")),
    ],
)
def test_span_is_told_in_the_unit_that_people_use(seconds: int, words: str) -> None:
    assert format_duration(seconds) == words
