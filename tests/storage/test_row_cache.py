from app.storage.row_cache import HEAVIEST, VersionedCache, measure_bytes


def kept(version: int | None = 7, *keys: str, size: int = 10) -> VersionedCache[str]:
    rows: VersionedCache[str] = VersionedCache(size)
    for key in keys or ("a",):
        rows.keep(key, key.upper(), version, 1)
    return rows


def test_row_is_found_while_the_version_is_the_same() -> None:
    assert kept().find("a", 7) == "A"
    assert kept().find("b", 7) is None


def test_row_of_another_version_is_not_found() -> None:
    assert [kept().find("a", version) for version in (6, 8)] == [None, None]


def test_row_that_was_read_under_an_older_version_never_counts_for_a_newer() -> None:
    rows = kept(8, "a")
    rows.keep("b", "B", 7, 1)
    assert rows.find("b", 8) is None


def test_new_version_empties_it() -> None:
    rows = kept(7, "a", "b")
    rows.keep("c", "C", 8, 1)
    assert len(rows) == 1
    assert rows.find("a", 8) is None


def test_without_a_version_nothing_is_kept_or_found() -> None:
    assert len(kept(None)) == 0
    assert kept(7).find("a", None) is None


def test_of_more_than_its_size_the_oldest_go() -> None:
    rows = kept(7, "a", "b", "c", size=2)
    assert [rows.find(key, 7) for key in "abc"] == [None, "B", "C"]


def test_of_more_than_its_capacity_the_oldest_go() -> None:
    rows: VersionedCache[str] = VersionedCache(capacity=10)
    for key in "abc":
        rows.keep(key, key.upper(), 7, 4)
    assert [rows.find(key, 7) for key in "abc"] == [None, "B", "C"]


def test_what_is_kept_again_weighs_once() -> None:
    rows: VersionedCache[str] = VersionedCache(capacity=10)
    for key in "abbbb":
        rows.keep(key, key.upper(), 7, 4)
    assert [rows.find(key, 7) for key in "ab"] == ["A", "B"]


def test_a_new_version_weighs_anew() -> None:
    rows: VersionedCache[str] = VersionedCache(capacity=10)
    for version in range(10):
        rows.keep("a", "A", version, 4)
        rows.keep("b", "B", version, 4)
    assert [rows.find(key, 9) for key in "ab"] == ["A", "B"]


def test_what_is_too_heavy_is_not_kept_and_drives_nothing_out() -> None:
    rows = kept(7, "a", "b")
    rows.keep("b", "new", 7, HEAVIEST + 1)
    assert [rows.find(key, 7) for key in "ab"] == ["A", None]


def test_weight_is_that_of_the_texts() -> None:
    assert 1_000_000 < measure_bytes(["x" * 1_000_000, None, 1]) < 1_001_000
