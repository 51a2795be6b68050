from app.storage.row_cache import RowCache

ROW: tuple[object, ...] = ("id", "name")


def make_kept(version: int | None = 7) -> RowCache[str]:
    rows: RowCache[str] = RowCache()
    for _ in range(2):  # once is not enough to be kept
        rows.keep("key", ROW, "made", version, converted=ROW)
    return rows


def test_row_is_found_while_the_version_is_the_same() -> None:
    assert make_kept().find("key", 7) == "made"
    assert make_kept().find("other", 7) is None


def test_row_of_another_version_is_not_found() -> None:
    assert [make_kept().find("key", version) for version in (6, 8)] == [None, None]


def test_without_a_version_no_row_is_found() -> None:
    assert make_kept(None).find("key", None) is None


def test_equal_row_of_another_version_needs_not_be_made_again() -> None:
    rows = make_kept()
    assert rows.find_equal("key", ("id", "name"), 8) == "made"
    assert rows.find("key", 8) == "made"
    assert rows.find("key", 7) is None


def test_equal_row_without_a_version_needs_not_be_made_again() -> None:
    assert make_kept(None).find_equal("key", ("id", "name"), None) == "made"


def test_row_that_changed_is_not_found_and_leaves_the_version() -> None:
    rows = make_kept()
    assert rows.find_equal("key", ("id", "new name"), 8) is None
    assert rows.find("key", 8) is None


def test_row_that_is_gone_is_forgotten() -> None:
    rows = make_kept()
    rows.forget("key")
    assert rows.find("key", 7) is None
    assert len(rows) == 0
