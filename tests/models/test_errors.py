"""Refusals, and the header lines that an answer owes besides."""

import pytest

from app.models.errors import ComposedRefusal, Refusal, TooManyRequests


class _Composed(ComposedRefusal):
    status = 400


@pytest.mark.parametrize(
    "refusal",
    [TooManyRequests([("x-retry-after", "1")]), _Composed("no", [("x-retry-after", "1")])],
)
def test_header_lines_go_on_a_copy(refusal: Refusal) -> None:
    later = refusal.after([("set-cookie", "a=b")])
    assert later.headers == [("set-cookie", "a=b"), ("x-retry-after", "1")]
    assert refusal.headers == [("x-retry-after", "1")]
    assert type(later) is type(refusal)
    assert str(later) == later.message == refusal.message
