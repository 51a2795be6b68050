from datetime import timedelta

import pytest

from app.auth.crypto.doctor_tokens import is_doctor_token, make_doctor_token
from app.models.clock import now
from tests.support.service import SECRET

OTHER = SECRET[::-1]


def test_proof_is_good_for_a_minute_under_any_of_the_secrets() -> None:
    moment = now()
    token = make_doctor_token(SECRET, moment)
    assert is_doctor_token(token, (OTHER, SECRET), moment)
    assert is_doctor_token(token, (SECRET,), moment + timedelta(seconds=59))
    assert not is_doctor_token(token, (SECRET,), moment + timedelta(seconds=62))
    assert not is_doctor_token(token, (SECRET,), moment - timedelta(seconds=62))
    assert not is_doctor_token(token, (OTHER,), moment)


@pytest.mark.parametrize("text", ["", "..", "1.2.3", "x" * 1000, "1.\udc80.é", "-1.a.b", "²."])
def test_anything_else_is_none(text: str) -> None:
    assert not is_doctor_token(text, (SECRET,), now())


def test_changed_time_or_nonce_is_none() -> None:
    time, nonce, signature = make_doctor_token(SECRET, now()).split(".")
    assert not is_doctor_token(f"{int(time) + 1}.{nonce}.{signature}", (SECRET,), now())
    assert not is_doctor_token(f"{time}.{nonce}0.{signature}", (SECRET,), now())
