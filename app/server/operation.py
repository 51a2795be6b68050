"""Makes what the command line and the Python API work with, of the objects of the service."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from ..auth.audit.table import audit_events
from ..auth.disabled_users.ban_marks import BanMarks
from ..auth.disabled_users.disabling import Disabling
from ..auth.disabled_users.impersonators import Impersonators
from ..auth.email_verification.requests import VerificationRequests
from ..auth.operators.people_list import PeopleList
from ..auth.operators.person_changes import PersonChanges
from ..auth.operators.person_creation import PersonCreation
from ..auth.operators.person_removal import PersonRemoval
from ..auth.operators.personal_data import PersonalData
from ..auth.operators.session_control import SessionControl
from ..auth.operators.session_start import SessionStart
from ..auth.passwords.lockouts import Lockouts
from ..auth.people.fields import Fields
from ..auth.people.importing import Import
from ..auth.people.rows import RefusedRow
from ..auth.people.rules import RowRules
from ..auth.people.writer import Writer
from ..auth.reset_password.requests import ResetDelivery, ResetRequests
from ..auth.webhooks.table import webhook_events
from ..schema.branch import PersonalTable
from ..tasks.models import tasks
from .container import Container
from .plugins import derive_requirements
from .stores import is_audit_on


def make_disabling(container: Container) -> Disabling:
    """Returns what disables and enables users."""
    database, tables, schema = container.database, container.tables, container.schema
    bans = BanMarks(database, container.mappers.user, tables, schema)
    return Disabling(database, tables, bans, container.sessions, make_impersonators(container))


def make_impersonators(container: Container) -> Impersonators:
    """Returns what ends the sessions of administrators as others."""
    return Impersonators(container.schema, container.sessions)


def make_people_list(container: Container) -> PeopleList:
    """Returns what lists users."""
    return PeopleList(container.database, container.mappers.user, container.tables)


def make_person_creation(container: Container) -> PersonCreation:
    """Returns what creates users."""
    return PersonCreation(
        container.settings.email_and_password,
        container.database,
        container.user_creation,
        container.current_password,
        container.audit,
    )


def make_person_changes(container: Container) -> PersonChanges:
    """Returns what finds and changes one user."""
    return PersonChanges(
        container.settings.email_and_password,
        container.database,
        container.users,
        container.current_password,
        container.sessions,
    )


def make_personal_data(container: Container) -> PersonalData:
    """Returns what collects the data of one person."""
    personal = list_personal_tables(container)
    if is_audit_on(container.settings, container.schema):
        personal.append(PersonalTable(audit_events, "user_id", hidden=("id", "actor_id")))
    if container.settings.webhook_url is not None:
        personal.append(PersonalTable(webhook_events, "user_id", hidden=("id",)))
    store = container.session_store
    return PersonalData(container.database, container.mappers, container.tables, store, personal)


def make_person_removal(container: Container) -> PersonRemoval:
    """Returns what deletes users with everything about them."""
    return PersonRemoval(
        container.database,
        container.tables,
        container.removal,
        make_impersonators(container),
        list_personal_tables(container),
    )


def make_session_start(container: Container) -> SessionStart:
    """Returns what begins a session without a request."""
    return SessionStart(container.database, container.users, container.sessions)


def make_session_control(container: Container) -> SessionControl:
    """Returns what lists and ends sessions."""
    return SessionControl(container.sessions)


def make_lockouts(container: Container) -> Lockouts | None:
    """Returns what tells who is locked out, None if wrong passwords are not counted."""
    limits, throttle = container.rate_limits, container.current_password.throttle
    return None if limits is None else Lockouts(limits, throttle, container.audit)


def make_reset_requests(container: Container) -> ResetRequests:
    """Returns what mails links to choose a new password with."""
    settings = container.settings
    auth_emails = container.auth_emails if settings.sends_reset_password else None
    outgoing = ResetDelivery(auth_emails, container.background)
    options, kept = settings.email_and_password, container.verifications
    return ResetRequests(options, container.users, kept, container.links, outgoing)


def make_verification_requests(container: Container) -> VerificationRequests:
    """Returns what mails links that verify an address."""
    mail = container.verification_mail
    return VerificationRequests(container.users, mail, container.background)


def make_import(
    container: Container,
    report: Callable[[RefusedRow], None],
    *,
    dry_run: bool,
    around_reads: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> Import:
    """Returns what imports users. See `Import` for `report` and `around_reads`."""
    mapper, tables = container.mappers.user, container.tables
    own = bool(container.hooks.verify_password)
    rules = RowRules(Fields(mapper.additional), tables, has_own_hashes=own)
    writer = Writer(container.database, mapper, tables, container.audit, dry_run=dry_run)
    return Import(rules, writer, report, around_reads)


def list_personal_tables(container: Container) -> list[PersonalTable]:
    """Returns the tables of the plugins that are on, and that of the task API."""
    required = derive_requirements(container.settings).required_branches
    of_plugins = [personal for branch in required for personal in branch.personal]
    of_tasks = [PersonalTable(tasks, "user_id")] if container.schema.tasks else []
    return [*of_tasks, *of_plugins]
