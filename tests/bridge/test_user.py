"""The verified caller as a value."""

from dataclasses import FrozenInstanceError

import pytest

from app.bridge import ForbiddenUser, User, require_path_user

ANN = User.of({"sub": "ann", "email": "ann@example.com", "role": "admin"})


def test_any_claim_can_be_read_like_a_key() -> None:
    assert (ANN["sub"], ANN["role"], ANN.claims["email"]) == ("ann", "admin", "ann@example.com")


def test_absent_claim_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        ANN["phone"]


def test_absent_or_odd_claims_are_none() -> None:
    user = User.of({"sub": "ann", "email": 1, "name": None, "sid": ["x"]})
    assert (user.email, user.name, user.session_id) == (None, None, None)


def test_user_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        ANN.id = "bob"  # type: ignore[misc]
    with pytest.raises(TypeError):
        ANN.claims["sub"] = "bob"  # type: ignore[index]


def test_user_can_be_a_key_of_a_dictionary() -> None:
    assert {ANN: 1}[User.of(dict(ANN.claims))] == 1


def test_own_path_is_allowed() -> None:
    require_path_user(ANN, "ann")


@pytest.mark.parametrize("user_id", ["bob", "Ann", "an", "ann ", "", "annn"])
def test_path_of_somebody_else_is_forbidden(user_id: str) -> None:
    with pytest.raises(ForbiddenUser):
        require_path_user(ANN, user_id)
