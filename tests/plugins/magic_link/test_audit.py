"""Links that sign in, and those that do not."""

import pytest

from app.plugins.magic_link.options import MagicLinkOptions
from app.plugins.magic_link.plugin import PLUGIN
from tests.plugins.magic_link.test_plugin import ask
from tests.support.audited import read_events
from tests.support.plugins import plugged
from tests.support.smtp import Outgoing

pytestmark = pytest.mark.anyio


async def test_links_are_told(sqlite_url: str) -> None:
    outbox = Outgoing()
    async with plugged(sqlite_url, PLUGIN, MagicLinkOptions(), mailer=outbox) as service:
        await service.get(await ask(service, outbox))
        link = await ask(service, outbox)
        await service.get(link)
        await service.get(link)
        await service.background.finish()
        told = await read_events(service.database)
        assert [(each["event"], each["reason"]) for each in told] == [
            ("signed_up", None),
            ("signed_in", None),
            ("sign_in_failed", "INVALID_TOKEN"),
        ]
        assert {str(each["details"]) for each in told} == {"{'method': 'magic-link'}"}
        assert outbox.link().rpartition("token=")[2].partition("&")[0] not in str(told)
