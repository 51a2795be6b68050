"""The load generators count right answers, and give no figure after a wrong one."""

import pytest

from benchmarks import cores
from benchmarks.http import Request
from benchmarks.load import Generator, LoadError, is_wrk_here
from benchmarks.streams import Load, Outcome, Stream

ANSWER = b'{"ok":true}'
ALL = cores.of_machine()
LATE = 1  # seconds that the end of a load may come late on a busy machine

both = pytest.mark.parametrize("wrk", [False, True] if is_wrk_here() else [False])


def _choose_seconds(wrk: bool) -> float:
    """wrk counts whole ones."""
    return 1 if wrk else 0.2


def request(port: int) -> bytes:
    return Request(path="/").wire(port)


@both
def test_right_answers_are_counted(trivial: int, *, wrk: bool) -> None:
    stream = Stream(requests=[request(trivial)], expected=ANSWER)
    load = Load(port=trivial, streams=[stream], seconds=_choose_seconds(wrk))
    (outcome,) = Generator(wrk).run(load, ALL)
    assert outcome.count > 0
    assert 0 < outcome.p50 <= outcome.p99


@both
@pytest.mark.parametrize(("expected", "status"), [(b"no", 200), (ANSWER, 201)])
def test_wrong_answer_is_refused(trivial: int, expected: bytes, status: int, *, wrk: bool) -> None:
    stream = Stream(requests=[request(trivial)], expected=expected, status=status)
    load = Load(port=trivial, streams=[stream], seconds=_choose_seconds(wrk))
    with pytest.raises(LoadError):
        Generator(wrk).run(load, ALL)


def test_requests_that_are_sent_once_end_the_load(trivial: int) -> None:
    stream = Stream(requests=[request(trivial)] * 40, expected=ANSWER, once=True)
    load = Load(port=trivial, streams=[stream], seconds=60)
    (outcome,) = Generator(wrk=False).run(load, ALL)
    assert outcome.count == 40


def test_streams_are_sent_side_by_side(trivial: int) -> None:
    stream = Stream(requests=[request(trivial)], expected=ANSWER, connections=2)
    load = Load(port=trivial, streams=[stream, stream], seconds=0.2)
    outcomes = Generator(wrk=False).run(load, ALL)
    assert [outcome.count > 0 for outcome in outcomes] == [True, True]


def test_one_wrong_stream_refuses_both(trivial: int) -> None:
    right = Stream(requests=[request(trivial)], expected=ANSWER)
    wrong = Stream(requests=[request(trivial)], expected=b"no")
    load = Load(port=trivial, streams=[right, wrong], seconds=0.2)
    with pytest.raises(LoadError, match="answered 200"):
        Generator(wrk=False).run(load, ALL)


def test_server_that_hangs_up_is_refused(hanging_up: int) -> None:
    stream = Stream(requests=[request(hanging_up)], expected=ANSWER)
    with pytest.raises(LoadError, match="closed the connection"):
        Generator(wrk=False).run(Load(port=hanging_up, streams=[stream], seconds=0.2), ALL)


def test_nobody_there_is_refused() -> None:
    stream = Stream(requests=[request(9)], expected=ANSWER)
    with pytest.raises(LoadError):
        Generator(wrk=False).run(Load(port=9, streams=[stream], seconds=0.2), ALL)


def test_paced_load_keeps_its_rhythm(trivial: int) -> None:
    stream = Stream(requests=[request(trivial)], expected=ANSWER, rate=200)
    load = Load(port=trivial, streams=[stream], seconds=1)
    (outcome,) = Generator(is_wrk_here()).run(load, ALL)
    assert 200 <= outcome.count <= 200 + 200 * LATE


def test_paced_load_counts_what_a_request_waited_for_a_slow_server(slow: int) -> None:
    """It answers 20 requests a second, and is sent twice as many: they wait longer and longer."""
    stream = Stream(requests=[request(slow)], expected=ANSWER, rate=40, connections=1)
    (outcome,) = Generator(wrk=False).run(Load(port=slow, streams=[stream], seconds=0.5), ALL)
    assert outcome.count >= 20
    assert outcome.p99 > 450, "20 answers take a second, and the last was due after half of it"


def test_rate_is_what_was_answered_in_a_second() -> None:
    assert Outcome(count=500, seconds=2, p50=1, p99=2).rate == 250
