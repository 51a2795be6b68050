"""Codes and URIs of authenticator apps."""

from datetime import UTC, datetime

import pytest

from app.auth.crypto.encryption import Undecipherable
from app.plugins.two_factor.options import TotpOptions
from app.plugins.two_factor.totp import TotpCodes, encode_secret

NOW = datetime.fromtimestamp(59, UTC)
SECRET = "12345678901234567890"  # of RFC 6238, appendix B


def test_code_of_the_rfc_is_right() -> None:
    codes = TotpCodes(TotpOptions(digits=8))
    assert codes.find_step(SECRET, "94287082", NOW) == 1


@pytest.mark.parametrize(("second", "step"), [(0, 1), (59, 1), (89, 1), (90, None)])
def test_code_is_right_in_its_step_and_those_next_to_it(second: int, step: int | None) -> None:
    codes = TotpCodes(TotpOptions(digits=8))
    now = datetime.fromtimestamp(second, UTC)
    assert codes.find_step(SECRET, "94287082", now) == step


@pytest.mark.parametrize("code", ["", "9428708", "94287082 ", "９４２８７０８２", "\ud800"])
def test_other_text_is_no_code(code: str) -> None:
    assert TotpCodes(TotpOptions(digits=8)).find_step(SECRET, code, NOW) is None


def test_secret_of_another_provider_is_read() -> None:
    imported = f"base32:{encode_secret(SECRET).lower()}"
    assert TotpCodes(TotpOptions(digits=8)).find_step(imported, "94287082", NOW) == 1
    assert encode_secret("base32:JBSWY3DP") == "JBSWY3DP"  # short


@pytest.mark.parametrize("secret", ["base32:not Base32", "base32:", "base32:1"])
def test_secret_that_is_not_base32_is_refused(secret: str) -> None:
    with pytest.raises(Undecipherable):
        encode_secret(secret)


def test_uri_is_written_like_the_original() -> None:
    uri = TotpCodes(TotpOptions()).make_uri("a", "A~b *c", "ada@example.com")
    assert uri == (
        "otpauth://totp/A~b%20*c:ada%40example.com?secret=ME&issuer=A%7Eb+*c&digits=6&period=30"
    )
