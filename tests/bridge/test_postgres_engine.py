import ssl

import pytest

from app.bridge.database_url import PostgresUrl, parse_database_url
from app.bridge.postgres_engine import create_system_tls


@pytest.mark.parametrize(("mode", "checked"), [("verify-full", True), ("verify-ca", False)])
def test_system_certificates_are_asked_for(mode: str, checked: bool) -> None:
    url = parse_database_url(f"postgresql://h/d?sslmode={mode}")
    assert isinstance(url, PostgresUrl)
    context = create_system_tls(url)
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, checked)


def test_other_urls_bring_certificates_of_their_own() -> None:
    url = parse_database_url("postgresql://h/d?sslmode=require")
    assert isinstance(url, PostgresUrl)
    assert create_system_tls(url) is None
