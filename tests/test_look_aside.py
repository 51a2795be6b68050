from app.look_aside import LookAside


def kept(version: int | None = 7, *keys: str, size: int = 10) -> LookAside[str]:
    rows: LookAside[str] = LookAside(size)
    for key in keys or ("a",):
        rows.keep(key, key.upper(), version)
    return rows


def test_row_is_found_while_the_version_is_the_same() -> None:
    assert kept().find("a", 7) == "A"
    assert kept().find("b", 7) is None


def test_row_of_another_version_is_not_found() -> None:
    assert [kept().find("a", version) for version in (6, 8)] == [None, None]


def test_row_that_was_read_under_an_older_version_never_counts_for_a_newer() -> None:
    rows = kept(8, "a")
    rows.keep("b", "B", 7)
    assert rows.find("b", 8) is None


def test_new_version_empties_it() -> None:
    rows = kept(7, "a", "b")
    rows.keep("c", "C", 8)
    assert len(rows) == 1
    assert rows.find("a", 8) is None


def test_without_a_version_nothing_is_kept_or_found() -> None:
    assert len(kept(None)) == 0
    assert kept(7).find("a", None) is None


def test_of_more_than_its_size_the_oldest_go() -> None:
    rows = kept(7, "a", "b", "c", size=2)
    assert [rows.find(key, 7) for key in "abc"] == [None, "B", "C"]
