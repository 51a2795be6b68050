from pathlib import Path

import pytest

from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.smtp_url import SmtpUrl, SmtpUrlError, get_sender, parse_smtp_url
from tests.support.secret import STRONG_SECRET

SECRET = STRONG_SECRET


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpUrl(host="mail.example", port=587, tls="optional")),
        ("SMTP://localhost:1025/", SmtpUrl(host="localhost", port=1025, tls="optional")),
        ("smtp://[::1]:25?tls=off", SmtpUrl(host="::1", port=25, tls="off")),
        ("smtp://m?tls=required", SmtpUrl(host="m", port=587, tls="required")),
        (
            "smtp://ada%40example.com:p%40ss%2Fw%23rd@m",
            SmtpUrl(
                host="m", port=587, tls="required", user="ada@example.com", password="p@ss/w#rd"
            ),
        ),
        ("smtps://u:p@m", SmtpUrl(host="m", port=465, tls="implicit", user="u", password="p")),
        ("smtp://u:p@m?tls=off", SmtpUrl(host="m", port=587, tls="off", user="u", password="p")),
        ("console:", None),
        ("console://", None),
    ],
)
def test_url_is_understood(url: str, server: SmtpUrl | None) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp:mail.example",
        "smtp://m:port",
        "smtp://m:99999",
        "smtp://m:0",
        "smtp://u:p/w@m",
        "smtp://u:p#w@m",
        "smtp://[m",
        "smtp://m?tls=maybe",
        "smtp://m?starttls=true",
        "smtps://m?tls=off",
    ],
)
def test_bad_url_is_refused_in_one_line_without_the_password(url: str) -> None:
    with pytest.raises(SmtpUrlError) as refused:
        parse_smtp_url(url)
    assert str(refused.value).startswith("SMTP_URL")
    assert "\n" not in str(refused.value)
    assert "p/w" not in str(refused.value)
    assert "p#w" not in str(refused.value)


@pytest.mark.parametrize(
    ("mail_from", "url", "sender"),
    [
        ("App <no-reply@app.example>", "smtp://m", "App <no-reply@app.example>"),
        ("no-reply@app.example", "smtp://u%40x.co:p@m", "no-reply@app.example"),
        (None, "smtp://u%40x.co:p@m", "u@x.co"),
        (None, "console:", "Better Auth <no-reply@localhost>"),
    ],
)
def test_sender_is_found(mail_from: str | None, url: str, sender: str) -> None:
    assert str(get_sender(mail_from, url)) == sender


@pytest.mark.parametrize("mail_from", [None, "App", "a@", "@b", "jörg@app.example", "a b@c.co"])
def test_sender_must_be_an_address(mail_from: str | None) -> None:
    with pytest.raises(SmtpUrlError, match=r"^MAIL_FROM .*@example\.com"):
        get_sender(mail_from, "smtp://user:password@m")


@pytest.mark.parametrize(
    "switch",
    [
        "EMAIL_AND_PASSWORD_SEND_RESET_PASSWORD",
        "USER_DELETE_USER_SEND_DELETE_ACCOUNT_VERIFICATION",
    ],
)
def test_mail_can_not_be_wanted_without_a_server(switch: str) -> None:
    name = f"BETTER_AUTH_{switch}"
    with pytest.raises(SettingsError) as refused:
        read_settings({"BETTER_AUTH_SECRET": SECRET, name: "true"}, None)
    assert refused.value.lines == (
        f"{name} needs a mail server: set SMTP_URL, or SMTP_URL=console: to print mails",
    )


@pytest.mark.parametrize("url", ["smtp://u:p/w@m", "smtp://u:p#w@m:25", "smtp://m:99999"])
def test_bad_url_is_told_what_may_be_wrong(url: str) -> None:
    with pytest.raises(SmtpUrlError, match="and similar characters with %; ports end at 65535"):
        parse_smtp_url(url)


def test_url_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.write_text("console:\n")
    given = {"BETTER_AUTH_SECRET": SECRET, "SMTP_URL_FILE": str(file)}
    assert read_settings(given, None).smtp_url == "console:"


def test_nothing_shows_the_password() -> None:
    assert "secret" not in repr(parse_smtp_url("smtp://u:secret@m"))


def test_bad_mail_settings_are_told_before_anything_starts() -> None:
    given = {"BETTER_AUTH_SECRET": SECRET}
    with pytest.raises(SettingsError) as refused:
        read_settings({**given, "SMTP_URL": "smtp//m"}, None)
    assert refused.value.lines[0].startswith("SMTP_URL is not understood")
    with pytest.raises(SettingsError) as refused:
        read_settings({**given, "SMTP_URL": "smtp://m"}, None)
    assert refused.value.lines == (
        "MAIL_FROM is missing: set the sender, as in App <no-reply@example.com>",
    )
