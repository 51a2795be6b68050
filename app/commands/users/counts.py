"""Counts in the sentences of the commands."""


def count_sessions(count: int) -> str:
    """Returns `1 session` or `2 sessions`."""
    return f"{count:,} {'session' if count == 1 else 'sessions'}"
