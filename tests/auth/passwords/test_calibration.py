"""The search is tried with made-up machines: only one test measures this one."""

from collections.abc import Callable

import pytest

from app.auth.passwords.calibration import Calibration, Times, calibrate, search_cost
from app.settings.argon2_cost import Argon2Cost, get_least_memory


def machine(speed: float) -> Callable[[Argon2Cost, float], float]:
    """Computes so many KiB in a second."""
    return lambda cost, _: cost.memory * cost.passes / speed


@pytest.mark.parametrize(
    ("target", "most", "speed", "found"),
    [
        (0.27, 65536, 1e6, Argon2Cost(65536, 4)),  # all the memory, and passes
        (0.25, 65536, 1e6, Argon2Cost(62464, 4)),  # nearly all, for a time that is nearly right
        (0.05, 262144, 1e6, Argon2Cost(49152, 1)),
        (0.04, 262144, 1e6, Argon2Cost(19456, 2)),
        (0.25, 8192, 1e6, Argon2Cost(8192, 16)),  # no more passes than can be verified
        (0.01, 65536, 1e6, Argon2Cost(7168, 5)),  # too short for OWASP
        (3.0, 262144, 1e6, Argon2Cost(262144, 11)),
        (0.25, 65536, 1e5, Argon2Cost(7168, 5)),  # a slow machine
    ],
)
def test_parameters_have_as_much_memory_as_time_and_limit_allow(
    target: float, most: int, speed: float, found: Argon2Cost
) -> None:
    cost, seconds = search_cost(target, most, machine(speed))
    assert cost == found
    assert seconds == cost.memory * cost.passes / speed


@pytest.mark.parametrize("target", [0.01, 0.03, 0.1, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("most", [7168, 12288, 65536, 262144])
def test_parameters_are_never_below_owasp_nor_above_the_limit(target: float, most: int) -> None:
    cost, _ = search_cost(target, most, machine(3e5))
    assert get_least_memory(cost.passes) <= cost.memory <= most
    assert 1 <= cost.passes <= 16


def test_search_ends_on_a_machine_that_is_never_twice_alike() -> None:
    speeds = iter([1e6, 3e6, 5e5, 2e6, 8e5, 4e6, 7e5, 6e6] * 10)

    def measure(cost: Argon2Cost, expected: float) -> float:
        return machine(next(speeds))(cost, expected)

    cost, _ = search_cost(0.25, 65536, measure)
    assert cost.memory <= 65536


@pytest.mark.usefixtures("full_cost_hashes")
def test_this_machine_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.auth.passwords.calibration.LOAD_SECONDS", 0.0)
    found = calibrate(0.01, 7168, 1)
    assert found.cost == Argon2Cost(7168, 5)
    assert found.seconds > 0.001
    assert found.per_second > 0
    assert 0 < found.share <= 1


@pytest.mark.usefixtures("full_cost_hashes")
def test_long_check_is_measured_with_fewer_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = list[Argon2Cost]()

    def measure(cost: Argon2Cost, times: Times) -> float:
        measured.append(cost)
        return cost.memory * cost.passes / 1e6

    monkeypatch.setattr("app.auth.passwords.calibration._measure", measure)
    monkeypatch.setattr("app.auth.passwords.calibration._count_checks", lambda cost, cores: 5.0)
    found = calibrate(3.0, 262144, 2)
    assert measured == [Argon2Cost(7168, 5), Argon2Cost(262144, 1)]
    assert found == Calibration(Argon2Cost(262144, 11), 262144 * 11 / 1e6, 5 / 11, 1.0)
