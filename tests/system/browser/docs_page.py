"""The docs page as somebody who reads it and clicks."""

import json

from msgspec import Struct
from playwright.sync_api import Locator, Page, expect

from tests.support.asgi import Json


class Shown(Struct, frozen=True):
    """What the page shows of an answer."""

    status: str
    body: Json


class DocsPage:
    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._origin = origin

    def open(self, path: str = "/docs") -> None:
        self._page.goto(f"{self._origin}{path}")
        self._page.locator(".opblock").first.wait_for()

    def titles(self) -> list[str]:
        """The groups of operations, from top to bottom."""
        return [
            tag.get_attribute("data-tag") or "" for tag in self._page.locator(".opblock-tag").all()
        ]

    def open_models(self) -> int:
        """How many models are spread out below the operations."""
        return self._page.locator(".models.is-open").count()

    def has_token(self) -> bool:
        return self._page.locator(".auth-wrapper .btn.authorize.locked").count() > 0

    def run(self, operation: str, body: Json = None) -> Shown:
        """Open `Tag-operationId`, fill in the body, press Execute, read the answer."""
        block = self._page.locator(f'[id="operations-{operation}"]')
        execute = block.locator("button.execute")
        if execute.count() == 0:
            block.locator(".opblock-summary-control").click()
        if body is not None:
            block.locator("textarea").fill(json.dumps(body))
        with self._page.expect_response(lambda each: "/docs/" not in each.url):
            execute.click()
        return self._answer(block)

    def _answer(self, block: Locator) -> Shown:
        row = block.locator(".live-responses-table tbody tr.response").first
        expect(row.locator(".response-col_description .microlight, pre").first).to_be_visible()
        expect(block.locator(".loading-container")).to_have_count(0)
        status = row.locator(".response-col_status").inner_text().split()[0]
        return Shown(status, json.loads(row.locator(".highlight-code code").first.inner_text()))
