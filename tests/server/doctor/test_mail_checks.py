"""A real mail server that takes the login, refuses it, speaks TLS or not, or is not there."""

from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from app.server.doctor.finding import Result
from app.server.doctor.mail_checks import _judge_encryption, inspect_mail
from app.settings.settings import Settings
from app.settings.smtp_url import SmtpUrl
from tests.server.doctor.findings import only
from tests.support.secret import STRONG_SECRET
from tests.support.smtp import LOGIN_PASSWORD, USER, self_made_certificate, smtp_server

pytestmark = pytest.mark.anyio


def settings(smtp_url: str | None, url: str = "http://localhost:8000") -> Settings:
    sender = "App <no-reply@app.example>"
    return Settings(secret=STRONG_SECRET, smtp_url=smtp_url, mail_from=sender, url=url)


def login(password: str = LOGIN_PASSWORD) -> str:
    return f"{quote(USER, safe='')}:{quote(password, safe='')}@"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_made_certificate(tmp_path / "localhost.pem")


async def test_login_over_tls_is_fine_and_sends_nothing(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with smtp_server(security="implicit", certificate=certificate, login=True) as sink:
        found = only(await inspect_mail(settings(f"smtps://{login()}localhost:{sink.port}")))
        assert found.line == f"localhost:{sink.port} lets this service log in"
    assert (found.result, sink.attempts, sink.envelopes) == (Result.OK, 0, [])


async def test_wrong_password_is_told_without_it(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with smtp_server(security="starttls", certificate=certificate, login=True) as sink:
        url = f"smtp://{login('hunter2')}localhost:{sink.port}"
        found = only(await inspect_mail(settings(url)))
    assert found.result == Result.WRONG
    assert "535" in found.line
    assert "hunter2" not in found.line


async def test_certificate_of_nobody_is_told(certificate: Path) -> None:
    async with smtp_server(security="implicit", certificate=certificate) as sink:
        found = only(await inspect_mail(settings(f"smtps://localhost:{sink.port}")))
    assert found.result == Result.WRONG
    assert "certificate" in found.line


async def test_server_without_the_required_tls_is_told() -> None:
    async with smtp_server() as sink:
        url = f"smtp://localhost:{sink.port}?tls=required"
        assert only(await inspect_mail(settings(url))).result == Result.WRONG


async def test_server_that_is_away_is_told() -> None:
    found = only(await inspect_mail(settings("smtp://127.0.0.1:1")))
    assert (found.result, found.line[:12]) == (Result.WRONG, "127.0.0.1:1:")


async def test_server_of_this_machine_needs_no_tls() -> None:
    async with smtp_server() as sink:
        found = only(await inspect_mail(settings(f"smtp://127.0.0.1:{sink.port}")))
    assert (found.result, found.line[-20:]) == (Result.OK, "login is configured"[-20:].rjust(20))


@pytest.mark.parametrize(
    ("tls", "is_encrypted", "expected"),
    [
        ("implicit", True, Result.OK),
        ("required", True, Result.OK),
        ("optional", True, Result.WARNING),
        ("optional", False, Result.WARNING),
        ("off", False, Result.WARNING),
    ],
)
def test_encryption_of_a_server_elsewhere(tls: str, is_encrypted: bool, expected: Result) -> None:
    server = SmtpUrl(host="mail.example.com", port=587, tls=tls)  # type: ignore[arg-type]  # a table
    assert only(_judge_encryption(server, is_encrypted=is_encrypted)).result == expected


async def test_mails_that_are_printed_are_for_developers_only() -> None:
    assert only(await inspect_mail(settings("console:"))).result == Result.OK
    public = settings("console:", "https://auth.example.com")
    assert only(await inspect_mail(public)).result == Result.WARNING
    assert only(await inspect_mail(settings(None))).result == Result.OK


async def test_template_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "reset-password.txt").write_text("{{nothing}}")
    broken = replace(settings("console:"), mail_templates=str(tmp_path))
    found = only(await inspect_mail(broken))
    assert (found.result, "reset-password.txt" in found.line) == (Result.WRONG, True)


async def test_hook_needs_no_mail_server() -> None:
    found = only(await inspect_mail(replace(settings(None), mails_by_hook=True)))
    assert (found.result, found.line) == (Result.OK, "the hook send_mail sends the mails")
