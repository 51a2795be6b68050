import re
from pathlib import Path

from app.secret_strength import weakness
from tests.commands.program import run


def test_secrets_are_fresh_strong_and_plain(tmp_path: Path) -> None:
    first, second = (run(tmp_path, "secret").stdout for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", first)
    assert weakness(first.strip()) is None
