"""The templates of mails: files with `{{names}}`. A folder of the operator replaces ours."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Final

from msgspec import Struct

from ..settings.plugin_settings import MailTemplate
from ..settings.settings import Settings

KINDS: Final = ("reset-password", "verify-email", "change-email", "delete-account")
NAMES: Final = frozenset({"name", "email", "new_email", "url", "site", "lifetime"})
_FOLDER: Final = Path(__file__).parent / "templates"
_OURS: Final = tuple(MailTemplate(kind, _FOLDER, NAMES, "url") for kind in KINDS)
_SUBJECT: Final = re.compile(r"Subject:[ \t]*(\S.*?)[ \t]*\r?\n\r?\n(.*)", re.DOTALL)
_PLACE: Final = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_TEXT, _HTML = ".txt", ".html"


class TemplateError(ValueError):
    """A template is invalid: one line with the name of the file."""


class RenderedMail(Struct, frozen=True):
    """The texts of a mail."""

    subject: str
    text: str
    html: str


class Templates:
    """All templates, as text and as HTML."""

    def __init__(self, templates: Mapping[str, RenderedMail]) -> None:
        self._templates = templates

    @classmethod
    def load(
        cls, folder: str | None = None, of_plugins: Iterable[MailTemplate] = ()
    ) -> "Templates":
        """Loads our templates, or the files of `folder` in their place. Raises `TemplateError`."""
        own, every = None if folder is None else Path(folder), (*_OURS, *of_plugins)
        if own is not None:
            _check_folder(own, every)
        return cls({each.kind: _load(each, own) for each in every})

    def write(self, kind: str, values: Mapping[str, str]) -> RenderedMail:
        """Fills a template. Values are escaped in HTML."""
        found = self._templates[kind]
        safe = {name: escape(value) for name, value in values.items()}
        return RenderedMail(
            _fill(found.subject, values), _fill(found.text, values), _fill(found.html, safe)
        )


def load_templates(settings: Settings) -> Templates:
    """Loads the templates of these settings, with those of plugins. Raises `TemplateError`."""
    of_plugins = (mail for plugin in settings.plugins for mail in plugin.mails)
    return Templates.load(settings.mail_templates, of_plugins)


def _check_folder(folder: Path, every: Iterable[MailTemplate]) -> None:
    if not folder.is_dir():
        raise TemplateError(f"MAIL_TEMPLATES: {str(folder)!r} is not a folder that can be read")
    ours = {f"{each.kind}{end}" for each in every for end in (_TEXT, _HTML)}
    for found in sorted(folder.iterdir()):
        if found.suffix in (_TEXT, _HTML) and found.name not in ours:
            raise TemplateError(
                f"MAIL_TEMPLATES: {found.name} is not a template; use {', '.join(sorted(ours))}"
            )


def _load(template: MailTemplate, own: Path | None) -> RenderedMail:
    head = _SUBJECT.fullmatch(_read(template, _TEXT, own))
    if head is None:
        raise TemplateError(
            f"MAIL_TEMPLATES: {template.kind}{_TEXT} must begin with a line Subject: … and an"
            " empty line"
        )
    return RenderedMail(head[1], head[2], _read(template, _HTML, own))


def _read(template: MailTemplate, end: str, own: Path | None) -> str:
    name = f"{template.kind}{end}"
    path = own / name if own is not None and (own / name).exists() else template.folder / name
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeError):
        raise TemplateError(f"MAIL_TEMPLATES: {name} can't be read as UTF-8") from None
    used = set(_PLACE.findall(text))
    unknown = sorted(used - template.placeholders)
    if unknown or "{{" in _PLACE.sub("", text):
        what = f"{{{{{unknown[0]}}}}}" if unknown else "{{"
        known = ", ".join(sorted(template.placeholders))
        raise TemplateError(f"MAIL_TEMPLATES: {name} has {what}, but there is only {known}")
    if template.needed not in used:
        place = f"{{{{{template.needed}}}}}"
        what = ", the link it is about" if template.needed == "url" else ""
        raise TemplateError(f"MAIL_TEMPLATES: {name} has no {place}{what}")
    return text


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Replaces in one pass, so that braces in a value stay unchanged."""
    return _PLACE.sub(lambda place: values.get(place[1], ""), text)
