"""The commands `secrets …`."""

from typing import Final

from ..command_line import Command, Commands, make_json_option

_CHECK: Final = Command(
    "check",
    "secrets.checking",
    "Count what each secret opens, and say which may go.",
    [make_json_option()],
)
_REENCRYPT: Final = Command(
    "reencrypt",
    "secrets.reencryption",
    "Encrypt with the first secret what an older one encrypted.",
    [make_json_option()],
)
SECRETS: Final = Commands("secrets", "What BETTER_AUTH_SECRETS still open.", (_CHECK, _REENCRYPT))
