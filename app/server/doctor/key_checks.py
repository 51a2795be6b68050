"""Checks of the key pairs: whether access tokens can be signed."""

from typing import Final

from ...auth.crypto.key_pairs import KeyPairs
from ...models.clock import now
from ...models.program_name import COMMAND
from ..container import Container
from .finding import Finding, Result

_ROTATE: Final = (
    f"set the secret that encrypted it in BETTER_AUTH_SECRETS, or run `{COMMAND} keys rotate`"
)


async def inspect_keys(container: Container) -> list[Finding]:
    """Looks for the pair that signs. Nothing where no plugin issues access tokens."""
    makers = (plugin.make_key_pairs for plugin in container.built_plugins)
    make = next((each for each in makers if each is not None), None)
    return [] if make is None else [await _judge(make())]


async def _judge(pairs: KeyPairs) -> Finding:
    if pairs.has_shared_secret:
        return Finding("keys", Result.OK, "the shared secret signs access tokens (HS256)")
    listed = await pairs.list_pairs(now())
    signing = next((pair for pair in listed if pair.signs), None)
    if signing is None:
        return Finding("keys", Result.OK, "no key pair yet: the first token makes one")
    name = f"{signing.id} ({signing.alg})"
    if not signing.opens:
        line = f"no token can be signed: no secret opens the private key of {name}"
        return Finding("keys", Result.WRONG, line, _ROTATE)
    return Finding("keys", Result.OK, f"{name} signs access tokens")
