from collections.abc import Iterable

import pytest

from app.auth.rate_limits.memory import MAX_KEYS, MemoryRateLimits
from app.settings.options import RateLimitOptions
from app.settings.rate_limit_rules import read_custom_rules
from app.web.endpoint import ApiRequest, Endpoint
from app.web.http.response import EmptyResponse
from app.web.middleware.rate_limit import GUESSING, RateLimiter, find_rule
from app.web.middleware.route_table import RouteTable
from app.web.rate_rule import Rule

POLICY = RateLimitOptions(window=10, max=100)
SIGN_IN = "/sign-in/email"
PATHS = frozenset((SIGN_IN, "/sign-up/email", "/request-password-reset", "/get-session", "/ok"))


async def nothing(_request: ApiRequest) -> EmptyResponse:
    return EmptyResponse(204)


class Limiter:
    """The limiter in memory, at moments that the test chooses; it never waits."""

    def __init__(
        self, policy: RateLimitOptions, paths: Iterable[str], *, max_keys: int = MAX_KEYS
    ) -> None:
        self._now = 0.0
        self.memory = MemoryRateLimits(max_keys=max_keys, clock=lambda: self._now)
        routes = RouteTable(Endpoint(f"GET {path}").with_handler(nothing) for path in paths)
        self._limiter = RateLimiter(policy, routes, self.memory)

    def __len__(self) -> int:
        return len(self.memory)

    def hit(self, ip: str, path: str, now: float) -> int | None:
        self._now = now
        try:
            self._limiter.hit(ip, path).send(None)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        raise AssertionError("it waited")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/sign-in/email", Rule(10, 3)),
        ("/sign-in", Rule(10, 3)),
        ("/sign-in-anything", Rule(10, 3)),
        ("/sign-up/email", Rule(10, 3)),
        ("/change-password", Rule(10, 3)),
        ("/change-email", Rule(10, 3)),
        ("/request-password-reset", Rule(60, 3)),
        ("/send-verification-email", Rule(60, 3)),
        ("/forget-password/x", Rule(60, 3)),
        ("/request-password-reset/x", Rule(10, 100)),
        ("/reset-password", Rule(10, 100)),
        ("/get-session", Rule(10, 100)),
        ("/SIGN-IN/email", Rule(10, 100)),
        ("//sign-in/email", Rule(10, 100)),
        ("/", Rule(10, 100)),
    ],
)
def test_rule_of_a_path(path: str, rule: Rule) -> None:
    assert find_rule(path, POLICY) == rule


def test_rule_of_an_endpoint_comes_after_those_that_are_set() -> None:
    own, custom = Rule(30, 1), read_custom_rules('{"/sign-in/*": {"window": 5, "max": 9}}')
    assert find_rule(SIGN_IN, POLICY, own) == own
    assert find_rule(SIGN_IN, RateLimitOptions(custom_rules=custom), own) == Rule(5, 9)


def test_fourth_sign_in_is_refused() -> None:
    limiter = Limiter(POLICY, PATHS)
    assert [limiter.hit("1.1.1.1", SIGN_IN, 0.0) for _ in range(5)] == [None, None, None, 10, 10]


def test_fifty_parallel_sign_ins_let_three_pass() -> None:
    """PR #9993: a hit is one step, so nothing can come between reading and counting."""
    limiter = Limiter(POLICY, PATHS)
    assert [limiter.hit("1.1.1.1", SIGN_IN, 5.0) for _ in range(50)].count(None) == 3


def test_window_restarts_at_every_allowed_request() -> None:
    limiter = Limiter(POLICY, PATHS)
    allowed = [limiter.hit("1.1.1.1", SIGN_IN, at) for at in (0.0, 6.0, 12.0)]
    assert allowed == [None, None, None]
    assert limiter.hit("1.1.1.1", SIGN_IN, 18.0) == 4
    assert limiter.hit("1.1.1.1", SIGN_IN, 21.999) == 1
    assert limiter.hit("1.1.1.1", SIGN_IN, 22.0) is None


def test_refused_request_does_not_prolong_the_wait() -> None:
    limiter = Limiter(POLICY, PATHS)
    for _ in range(3):
        limiter.hit("1.1.1.1", SIGN_IN, 0.0)
    for at in range(1, 10):
        assert limiter.hit("1.1.1.1", SIGN_IN, float(at)) == 10 - at
    assert limiter.hit("1.1.1.1", SIGN_IN, 10.0) is None


def test_count_starts_anew_after_the_window() -> None:
    limiter = Limiter(POLICY, PATHS)
    hits = [limiter.hit("1.1.1.1", SIGN_IN, at) for at in (0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0)]
    assert hits == [None] * 6 + [10]


@pytest.mark.parametrize("start", [0.0, 1_700_000_000.123, 86_400.7])
def test_wait_is_whole_seconds_rounded_up(start: float) -> None:
    limiter = Limiter(POLICY, PATHS)
    for _ in range(3):
        limiter.hit("1.1.1.1", "/request-password-reset", start)
    assert limiter.hit("1.1.1.1", "/request-password-reset", start) == 60
    assert limiter.hit("1.1.1.1", "/request-password-reset", start + 0.5) == 60
    assert limiter.hit("1.1.1.1", "/request-password-reset", start + 1.5) == 59


def test_clients_and_paths_are_counted_apart() -> None:
    limiter = Limiter(POLICY, PATHS)
    for _ in range(4):
        refused = limiter.hit("1.1.1.1", SIGN_IN, 0.0)
    assert refused == 10
    assert limiter.hit("2.2.2.2", SIGN_IN, 0.0) is None
    assert limiter.hit("1.1.1.1", "/sign-up/email", 0.0) is None


def test_unknown_clients_are_limited_together() -> None:
    """PR #9990: no address is no way round the limit."""
    limiter = Limiter(POLICY, PATHS)
    assert [limiter.hit("", SIGN_IN, 0.0) for _ in range(4)] == [None, None, None, 10]


def test_configured_window_and_max_rule_the_other_paths() -> None:
    limiter = Limiter(RateLimitOptions(window=5, max=2), PATHS)
    assert [limiter.hit("1.1.1.1", "/ok", 0.0) for _ in range(3)] == [None, None, 5]


def test_store_stays_bounded() -> None:
    """PR #9993: 100,000 distinct keys and more."""
    limiter = Limiter(POLICY, PATHS)
    for number in range(MAX_KEYS + 500):
        limiter.hit(str(number), "/ok", 0.0)
    assert len(limiter) == MAX_KEYS


@pytest.mark.anyio
async def test_remembered_keys_stay_bounded() -> None:
    memory = MemoryRateLimits(max_keys=3)
    for key in "abac":
        await memory.remember(key, 60)
    await memory.remember("d", 60)
    assert [key for key in "abcd" if await memory.is_remembered(key)] == ["a", "c", "d"]


def test_expired_counters_go_as_new_ones_come() -> None:
    limiter = Limiter(POLICY, PATHS)
    for number in range(1000):
        limiter.hit(str(number), "/ok", 0.0)
        limiter.hit(str(number), "/request-password-reset", 0.0)
    for number in range(1000):
        limiter.hit(f"later {number}", "/get-session", 10.0)
    assert len(limiter) == 2000


def test_expired_counters_give_way_before_live_ones() -> None:
    limiter = Limiter(POLICY, PATHS, max_keys=4)
    limiter.hit("old", "/request-password-reset", 0.0)
    for number in range(3):
        limiter.hit(str(number), "/ok", 60.0)
    limiter.hit("new", "/ok", 60.0)
    assert len(limiter) == 4
    assert [limiter.hit("0", "/ok", 60.0) for _ in range(100)][-1] == 10


def test_flood_of_addresses_frees_nobody_from_the_sign_in_limit() -> None:
    limiter = Limiter(POLICY, PATHS, max_keys=50)
    for _ in range(3):
        limiter.hit("1.1.1.1", SIGN_IN, 0.0)
    for number in range(500):
        limiter.hit(f"1.1.1.{number}", "/ok", 1.0)
    assert limiter.hit("1.1.1.1", SIGN_IN, 2.0) == 8


@pytest.mark.parametrize("prefix", ["/", "/sign-in/", "/sign-in", "/forget-password/"])
def test_invented_paths_of_one_client_take_few_counters(prefix: str) -> None:
    limiter = Limiter(POLICY, PATHS, max_keys=50)
    for _ in range(3):
        limiter.hit("victim", SIGN_IN, 0.0)
    for number in range(2000):
        limiter.hit("flooder", f"{prefix}{number}", 1.0)
    assert len(limiter) <= 1 + 16
    assert limiter.hit("victim", SIGN_IN, 2.0) == 8


def test_invented_path_is_no_way_round_its_rule_and_no_burden_on_a_real_one() -> None:
    limiter = Limiter(POLICY, PATHS)
    refused = [limiter.hit("1.1.1.1", f"/sign-in/{number}", 0.0) for number in range(100)]
    assert refused.count(None) <= 3 * 16
    assert limiter.hit("1.1.1.1", SIGN_IN, 0.0) is None
    assert [limiter.hit("1.1.1.1", "/sign-in-foo", 20.0) for _ in range(4)][-2:] == [None, 10]


def test_counter_in_use_outlives_idle_ones() -> None:
    limiter = Limiter(RateLimitOptions(max=2), PATHS, max_keys=3)
    for ip in ("a", "b", "c", "a"):
        limiter.hit(ip, "/ok", 0.0)
    limiter.hit("d", "/ok", 0.0)
    assert limiter.hit("a", "/ok", 0.0) == 10


def test_long_path_takes_no_more_memory_than_a_short_one() -> None:
    limiter = Limiter(RateLimitOptions(max=1), PATHS)
    long = "/x" * 10_000
    assert limiter.hit("1.1.1.1", long, 0.0) is None
    assert limiter.hit("1.1.1.1", long, 0.0) == 10
    (buckets,) = limiter.memory._by_rule.values()
    assert max(map(len, buckets)) < 20


def test_parameters_of_a_route_are_counted_apart() -> None:
    limiter = Limiter(RateLimitOptions(max=1), ["/reset-password/{token}"])
    paths = [f"/reset-password/{number}" for number in range(40)]
    assert [limiter.hit("1.1.1.1", path, 0.0) for path in paths] == [None] * 40
    assert limiter.hit("1.1.1.1", paths[0], 0.0) == 10


def test_long_parameter_takes_no_more_memory_than_a_digest() -> None:
    limiter = Limiter(RateLimitOptions(max=1), ["/reset-password/{token}"])
    long = "/reset-password/" + "x" * 10_000
    assert [limiter.hit("1.1.1.1", long, 0.0) for _ in range(2)] == [None, 10]
    (buckets,) = limiter.memory._by_rule.values()
    assert max(map(len, buckets)) < 80


CUSTOM = read_custom_rules(
    """{"/ok": false, "/sign-in/*": {"window": 30, "max": 2}, "/sign-in/email": false,
    "/reset-password/*": {"window": 5, "max": 1}, "/*": {"window": 7, "max": 9}}"""
)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/ok", None),
        ("/sign-in/email", Rule(30, 2)),
        ("/sign-in/a/b", GUESSING),
        ("/sign-up/email", GUESSING),
        ("/reset-password/x", Rule(5, 1)),
        ("/reset-password/x/y", Rule(10, 100)),
        ("/token", Rule(7, 9)),
        ("/a/b", Rule(10, 100)),
    ],
)
def test_first_custom_rule_that_fits_goes_before_all_others(path: str, rule: Rule | None) -> None:
    assert find_rule(path, RateLimitOptions(custom_rules=CUSTOM)) == rule
