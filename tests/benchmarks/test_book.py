"""The figures of a run: medians and ratios."""

import pytest

from benchmarks.book import NOT_MEASURED, Book, Line

RATE = Line("rate", "requests")
TIME = Line("time", "how long", "ms", less_is_better=True)


@pytest.fixture
def book() -> Book:
    book = Book()
    for value in (300.0, 100.0, 200.0):
        book.add(RATE, "sqlite", "ours", value)
    book.add(RATE, "sqlite", "original", 20.0)
    book.add(TIME, "sqlite", "ours", 5.0)
    book.add(TIME, "sqlite", "original", 50.0)
    return book


def test_figure_is_the_median_of_the_rounds(book: Book) -> None:
    assert book.figure("rate", "sqlite", "ours") == 200


def test_ratio_says_how_many_times_better(book: Book) -> None:
    assert book.ratio("rate", "sqlite", "ours", "original") == 10
    assert book.ratio("time", "sqlite", "ours", "original") == 10
    assert book.ratio("time", "sqlite", "original", "ours") == 0.1


def test_refusal_takes_the_figures_of_earlier_and_later_rounds(book: Book) -> None:
    book.refuse(RATE, "sqlite", "ours", "answered 500")
    book.add(RATE, "sqlite", "ours", 400.0)
    cell = book.cell("rate", "sqlite", "ours")
    assert (cell.figure, cell.reason) == (None, "answered 500")
    assert book.ratio("rate", "sqlite", "ours", "original") is None


def test_what_was_not_measured_has_a_reason_and_no_ratio(book: Book) -> None:
    cell = book.cell("rate", "postgresql", "ours")
    assert (cell.figure, cell.reason) == (None, NOT_MEASURED)
    assert book.ratio("rate", "postgresql", "ours", "original") is None


def test_parts_are_apart(book: Book) -> None:
    book.add(RATE, "postgresql", "ours", 1.0)
    assert book.parts() == ["sqlite", "postgresql"]
    assert book.lines_of("sqlite") == [RATE, TIME]
    assert book.lines_of("postgresql") == [RATE]
