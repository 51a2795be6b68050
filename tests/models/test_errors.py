"""Refusals, and the headers that an answer has besides."""

import pytest

from app.models.errors import ComposedRefusal, Refusal, TooManyRequests


class _Composed(ComposedRefusal):
    status = 400


@pytest.mark.parametrize(
    "refusal",
    [TooManyRequests([("x-retry-after", "1")]), _Composed("no", [("x-retry-after", "1")])],
)
def test_headers_go_on_a_copy(refusal: Refusal) -> None:
    later = refusal.with_headers([("set-cookie", "a=b")])
    assert later.headers == [("set-cookie", "a=b"), ("x-retry-after", "1")]
    assert refusal.headers == [("x-retry-after", "1")]
    assert type(later) is type(refusal)
    assert str(later) == later.message == refusal.message
