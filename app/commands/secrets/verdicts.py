"""What may become of each secret, in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from ...auth.crypto.secret_check import SecretReport, SecretState
from ...mail.auth_emails import format_duration
from ...models.program_name import COMMAND

_REENCRYPT: Final = f"`{COMMAND} secrets reencrypt` ends that"


class Verdict(Struct, frozen=True):
    """A secret by its name, what it opens, and whether it may be removed."""

    secret: str
    opens: Mapping[str, int]
    needed: bool
    verdict: str


class CheckedSecrets(Struct, frozen=True):
    """The whole result. `signed`: what clients hold, and for how many seconds."""

    secrets: list[Verdict]
    unopened: Mapping[str, int]
    signed: Mapping[str, int]


def judge(report: SecretReport) -> CheckedSecrets:
    """Returns a verdict for each secret."""
    return CheckedSecrets(
        [_judge(each, report) for each in report.secrets],
        {each.what: each.count for each in report.unopened},
        report.signed,
    )


def describe(report: SecretReport) -> Iterator[str]:
    """Returns the lines of the result."""
    found = judge(report).secrets
    width = max(len(each.secret) for each in found)
    for each in found:
        yield f"{each.secret:{width}}  {each.verdict}"
    for lost in report.unopened:
        yield f"no secret opens {lost.what} ({lost.count}): {lost.remedy}"


def _judge(secret: SecretState, report: SecretReport) -> Verdict:
    opens = _list(secret.opens)
    if secret.is_current:
        verdict = "signs and encrypts now" + (f"; opens {opens}" if opens else "")
    elif secret.is_newer:
        verdict = "not the first yet: put it first when every process has it"
    elif opens:
        verdict = f"still needed for {opens}: {_REENCRYPT}"
    elif secret.verifies:
        verdict = f"may be removed {_describe_wait(report.signed)}"
    else:
        verdict = "may be removed"
    needed = secret.is_current or secret.is_newer or bool(opens)
    return Verdict(_name(secret.version), secret.opens, needed, verdict)


def _describe_wait(signed: Mapping[str, int]) -> str:
    """Says how long clients hold what an old secret signed: nobody can count it here."""
    longest_first = sorted(signed.items(), key=lambda item: -item[1])
    longest = longest_first[0][1]
    held = ", ".join(f"{what} {format_duration(seconds)}" for what, seconds in longest_first)
    return (
        f"when another one has been the first for {format_duration(longest)} (clients hold: {held})"
    )


def _list(opens: Mapping[str, int]) -> str:
    return ", ".join(f"{what} ({count})" for what, count in opens.items())


def _name(version: int | None) -> str:
    return "BETTER_AUTH_SECRET" if version is None else f"BETTER_AUTH_SECRETS, version {version}"
