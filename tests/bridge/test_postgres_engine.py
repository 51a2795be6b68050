import ssl
from pathlib import Path

import pytest
from sqlalchemy import text

from app.bridge.database_url import PostgresUrl, parse_database_url
from app.bridge.postgres_engine import create_system_tls
from app.bridge.reader import Reader


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


@pytest.mark.anyio
async def test_reader_finds_the_one_of_several_hosts_that_answers(
    postgres_url: str, tmp_path: Path
) -> None:
    reader = Reader(postgres_url.replace("host=", f"host={tmp_path},"))
    assert await reader.fetch_first(text("SELECT current_setting('in_hot_standby')"), {}) == (
        "off",
    )
    await reader.close()
