"""Reads findings in tests: which check said what, and how serious it is."""

from collections.abc import Iterable

from app.server.doctor.finding import Finding, Result


def by_result(findings: Iterable[Finding]) -> dict[Result, list[str]]:
    """The lines with their remedies, by their results."""
    found: dict[Result, list[str]] = {}
    for each in findings:
        found.setdefault(each.result, []).append(f"{each.line}: {each.remedy}")
    return found


def only(findings: Iterable[Finding]) -> Finding:
    """The one finding, which has a remedy if there is something to remedy."""
    (finding,) = findings
    assert (finding.remedy is None) is (finding.result in (Result.OK, Result.UNCHECKED))
    return finding


def worst(findings: Iterable[Finding]) -> Result:
    """How serious the worst one is."""
    order = [Result.WRONG, Result.WARNING, Result.UNCHECKED, Result.OK]
    return min((each.result for each in findings), key=order.index)
