"""An event that the log tells: words that are always the same, and facts."""

import logging
from collections.abc import Mapping

Fact = str | int | float | None


def log_event(
    logger: logging.Logger, words: str, level: int = logging.INFO, /, **facts: Fact
) -> None:
    """Logs one line: what happened, in `words` that never change, and the `facts`.

    A fact of None is left out. Never pass a secret, a token or a mail address. Every call has its
    row in docs/logs.md.
    """
    if logger.isEnabledFor(level):
        logger.log(level, words, extra={"facts": _drop_none(facts)})


def _drop_none(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {name: value for name, value in facts.items() if value is not None}
