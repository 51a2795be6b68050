from app.storage.bounded_cache import HEAVIEST, BoundedCache, measure_bytes

LIGHT = ["x"]


def keep(cache: BoundedCache[str], *keys: str) -> None:
    """Keeps each key, which comes for the second time at the end."""
    for key in keys:
        cache.keep(key, key.upper(), LIGHT)
        cache.keep(key, key.upper(), LIGHT)


def find(cache: BoundedCache[str], keys: str) -> str:
    """Returns the entries of these letters, with a dot for each that is not there."""
    return "".join(cache.get(key) or "." for key in keys)


def test_entry_is_kept_when_its_key_comes_for_the_second_time() -> None:
    cache: BoundedCache[str] = BoundedCache()
    cache.keep("a", "A", LIGHT)
    assert cache.get("a") is None
    cache.keep("a", "A", LIGHT)
    assert cache.get("a") == "A"


def test_keys_that_come_once_drive_nothing_out() -> None:
    cache: BoundedCache[str] = BoundedCache(2)
    keep(cache, "a", "b")
    for number in range(100):
        cache.keep(f"once {number}", "x", LIGHT)
    assert find(cache, "ab") == "AB"
    assert len(cache) == 2


def test_key_is_known_until_twice_as_many_others_came() -> None:
    cache: BoundedCache[str] = BoundedCache(10)
    cache.keep("a", "A", LIGHT)
    for number in range(20):
        cache.keep(f"other {number}", "x", LIGHT)
    cache.keep("a", "A", LIGHT)
    assert cache.get("a") is None


def test_key_is_known_while_fewer_others_came_than_it_keeps() -> None:
    cache: BoundedCache[str] = BoundedCache(10)
    for number in range(9):  # so that the memory of keys is nearly full
        cache.keep(f"earlier {number}", "x", LIGHT)
    cache.keep("a", "A", LIGHT)
    for number in range(9):
        cache.keep(f"other {number}", "x", LIGHT)
    cache.keep("a", "A", LIGHT)
    assert cache.get("a") == "A"


def test_of_more_than_its_size_the_oldest_go() -> None:
    cache: BoundedCache[str] = BoundedCache(2)
    keep(cache, "a", "b", "c")
    assert find(cache, "abc") == ".BC"


def test_of_more_than_its_capacity_the_oldest_go() -> None:
    cache: BoundedCache[str] = BoundedCache(capacity=2 * measure_bytes(LIGHT))
    keep(cache, "a", "b", "c")
    assert find(cache, "abc") == ".BC"


def test_what_is_kept_again_weighs_once() -> None:
    cache: BoundedCache[str] = BoundedCache(capacity=2 * measure_bytes(LIGHT))
    keep(cache, *"abbbb")
    assert find(cache, "ab") == "AB"


def test_what_is_removed_weighs_nothing() -> None:
    cache: BoundedCache[str] = BoundedCache(capacity=2 * measure_bytes(LIGHT))
    keep(cache, "a", "b")
    cache.remove("a")
    keep(cache, "c")
    assert find(cache, "abc") == ".BC"


def test_what_is_too_heavy_is_not_kept_and_drives_nothing_out() -> None:
    cache: BoundedCache[str] = BoundedCache()
    keep(cache, "a", "b")
    cache.keep("b", "new", ["x" * HEAVIEST])
    assert find(cache, "ab") == "A."


def test_weight_is_that_of_the_texts() -> None:
    assert 1_000_000 < measure_bytes(["x" * 1_000_000, None, 1]) < 1_001_000


def test_weight_includes_what_lists_and_objects_hold() -> None:
    long = "x" * 1_000_000
    for value in ([long], {"name": long}, {long: 1}, [{"names": [long]}]):
        assert 1_000_000 < measure_bytes([value]) < 1_001_000


def test_depth_does_not_matter() -> None:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    assert measure_bytes([deep]) > HEAVIEST


def test_weighing_stops_where_the_values_are_too_heavy() -> None:
    heavy = [[[0] * 100] for _ in range(150)]
    assert measure_bytes([heavy]) < 2 * HEAVIEST
