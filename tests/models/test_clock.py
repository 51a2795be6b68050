from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.models import clock


def test_now_is_utc_in_whole_milliseconds() -> None:
    moment = clock.now()
    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0
    assert clock.from_iso(clock.to_iso(moment)) == moment


def test_wire_form_has_three_decimals_and_z() -> None:
    assert clock.to_iso(datetime(2026, 11, 21, 0, 44, 5, tzinfo=UTC)) == "2026-11-21T00:44:05.000Z"


def test_microseconds_are_cut_not_rounded() -> None:
    moment = datetime(2026, 11, 21, 0, 44, 5, 999_999, UTC)
    assert clock.to_iso(moment) == "2026-11-21T00:44:05.999Z"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime(999, 2, 3, 4, 5, 6, 7, UTC), "0999-02-03T04:05:06.000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC), "9999-12-31T23:59:59.999Z"),
    ],
)
def test_every_part_has_all_its_digits(moment: datetime, text: str) -> None:
    assert clock.to_iso(moment) == text
    assert clock.write_utc(moment.replace(tzinfo=None)) == text


class Moment(datetime):
    """As the classes of libraries for time, and of those that stop it in tests."""


def test_subclass_is_told_like_its_base() -> None:
    moment = Moment(2026, 11, 21, 0, 44, 5, 831_999, UTC)
    assert clock.to_iso(moment) == "2026-11-21T00:44:05.831Z"
    assert clock.write_utc(moment.replace(tzinfo=None)) == "2026-11-21T00:44:05.831Z"


def test_other_zones_are_told_in_utc() -> None:
    moment = datetime(2026, 11, 21, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert clock.to_iso(moment) == "2026-11-20T23:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T00:44:05.831Z",
        "2026-11-21T00:44:05.831+00:00",
        "2026-11-21 00:44:05.831",
        "2026-11-21T02:44:05.831+02:00",
    ],
)
def test_stored_forms_name_the_same_moment(text: str) -> None:
    assert clock.to_iso(clock.from_iso(text)) == "2026-11-21T00:44:05.831Z"


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        clock.from_iso("yesterday")


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.999-12:00", "0001-01-01T00:00:00.000+12:00"])
def test_moment_beyond_the_years_of_four_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not in the years 1 to 9999"):
        clock.from_iso(text)


def test_milliseconds_are_those_of_javascript() -> None:
    assert clock.to_milliseconds(datetime(2026, 11, 21, 0, 44, 5, 831_999, UTC)) == 1795221845831


def test_milliseconds_before_1970_are_cut_downwards() -> None:
    assert clock.to_milliseconds(datetime(1969, 12, 31, 23, 59, 59, 999_500, UTC)) == -1
