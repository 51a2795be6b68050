"""What a username may be, and how it is stored."""

import re
from typing import Final

from .errors import Fault
from .options import UsernameOptions

_VALID: Final = re.compile(r"[a-zA-Z0-9_.]+")


class UsernameRules:
    """`normalizer` and `validateUsernameValue` of the `username` plugin of Better Auth 1.7.25."""

    def __init__(self, options: UsernameOptions) -> None:
        self._options = options

    def normalize(self, username: str) -> str:
        """Returns the username as it is stored."""
        return username.lower() if self._options.username_normalization else username

    def find_fault(self, username: str) -> Fault | None:
        """Returns the first thing that is wrong with a username, or None."""
        options = self._options
        if options.validation_order.username == "post-normalization":
            username = self.normalize(username)
        length = len(username.encode("utf-16-le")) // 2
        if length < options.min_username_length:
            return "short"
        if length > options.max_username_length:
            return "long"
        return None if _VALID.fullmatch(username) else "invalid"
