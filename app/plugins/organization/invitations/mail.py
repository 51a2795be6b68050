"""The mail with the link of an invitation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ....mail.auth_emails import choose_name, format_duration
from ....models.records import User
from ....settings.plugin_settings import MailTemplate
from ....settings.settings import Settings
from ...plugin import Services
from ..options import OrganizationOptions
from ..records import Invitation, Organization

KIND: Final = "organization-invitation"
ID: Final = "{id}"
TEMPLATE: Final = MailTemplate(
    KIND,
    Path(__file__).parent.parent / "templates",
    frozenset({"name", "email", "site", "inviter", "organization", "url", "lifetime"}),
    "url",
)


class InvitationMail:
    """Mails the link of an invitation, if the options say so and there is a mail server."""

    def __init__(self, services: Services, options: OrganizationOptions) -> None:
        self._emails = services.auth_emails if is_mail_on(services.settings, options) else None
        self._link = options.invitation_link or make_default_link(services.settings)
        self._lifetime = format_duration(options.invitation_expires_in)

    def send(self, invitation: Invitation, organization: Organization, inviter: User) -> None:
        """Sends the mail in the background."""
        if self._emails is None:
            return
        values: Mapping[str, str] = {
            "inviter": choose_name(inviter.name, inviter.email),
            "organization": choose_name(organization.name, "an organization"),
            "url": self._link.replace(ID, invitation.id),
            "lifetime": self._lifetime,
        }
        self._emails.send(KIND, invitation.email.lower(), values)


def is_mail_on(settings: Settings, options: OrganizationOptions) -> bool:
    """Whether invitations are mailed: by default if there is a mail server."""
    chosen = options.send_invitation_email
    return settings.sends_mail if chosen is None else chosen


def make_default_link(settings: Settings) -> str:
    """Returns a page of the first trusted origin that is one, else of the service's own."""
    pages = (each for each in settings.trusted_origins if _is_page(each))
    return f"{next(pages, settings.origin).rstrip('/')}/accept-invitation/{ID}"


def _is_page(origin: str) -> bool:
    return origin.startswith(("http://", "https://")) and not {"*", "?"} & {*origin}
