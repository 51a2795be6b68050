from pathlib import Path

import pytest

from app.mail.templates import KINDS, TemplateError, Templates

VALUES = {
    "name": "<b>Ada</b>",
    "email": "ada@example.com",
    "new_email": "new@example.com",
    "url": "http://localhost:8000/x?a=1&b=2",
    "site": "localhost:8000",
    "lifetime": "1 hour",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_says_what_it_is_about(kind: str) -> None:
    written = Templates.load().write(kind, VALUES)
    assert "localhost:8000" in written.subject
    assert VALUES["url"] in written.text.split()
    assert 'href="http://localhost:8000/x?a=1&amp;b=2"' in written.html
    assert "{{" not in written.subject + written.text + written.html


def test_values_are_escaped_in_html_only() -> None:
    written = Templates.load().write("reset-password", VALUES)
    assert "Hello <b>Ada</b>," in written.text
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;," in written.html


def test_value_that_looks_like_a_place_stays_as_it_is() -> None:
    written = Templates.load().write("reset-password", {**VALUES, "name": "{{url}}"})
    assert "Hello {{url}}," in written.text


def test_files_of_a_folder_replace_ours(tmp_path: Path) -> None:
    (tmp_path / "reset-password.txt").write_text("Subject: Neu für {{ site }}\n\nHier: {{url}}\n")
    templates = Templates.load(str(tmp_path))
    written = templates.write("reset-password", VALUES)
    assert written.subject == "Neu für localhost:8000"
    assert written.text == f"Hier: {VALUES['url']}\n"
    assert written.html == Templates.load().write("reset-password", VALUES).html


def test_line_ends_of_windows_are_understood(tmp_path: Path) -> None:
    (tmp_path / "reset-password.txt").write_bytes(b"Subject: Hi\r\n\r\n{{url}}\r\n")
    assert Templates.load(str(tmp_path)).write("reset-password", VALUES).subject == "Hi"


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("reset-password.txt", b"{{url}}", "must begin with a line Subject"),
        ("reset-password.txt", b"Subject:\n\n{{url}}", "must begin with a line Subject"),
        ("reset-password.txt", b"Subject: x\n\nnothing", "has no {{url}}"),
        ("verify-email.html", b"{{url}} {{secret}}", "has {{secret}}, but there is only"),
        ("verify-email.html", b"{{url}} {{user.name}}", "has {{, but there is only"),
        ("verify-email.html", b"{{url}} \xff", "can't be read as UTF-8"),
        ("reset_password.html", b"{{url}}", "is not a template; use"),
    ],
)
def test_broken_template_is_told_in_one_line(
    tmp_path: Path, name: str, content: bytes, fault: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TemplateError) as refused:
        Templates.load(str(tmp_path))
    assert str(refused.value).startswith(f"MAIL_TEMPLATES: {name} ")
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)


def test_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="is not a folder"):
        Templates.load(str(tmp_path / "none"))
