"""The machine's Chromium, driven by Playwright, and what a page must not do in it."""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

MISSING = "Chromium is not installed: apt install chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 30_000  # milliseconds; a loaded machine signs people up slowly
# Chromium writes this of every answer from 400 on, which is no fault of the page.
_REFUSED = "Failed to load resource: the server responded with a status of 4"


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Skips the test where there is none, except in CI.

    Playwright keeps an event loop running, which asynchronous tests can't have: to be left
    before the tests of another folder begin.
    """
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


class Watch:
    """`complaints` are the console's errors; `foreign_requests` those to no origin of `own`."""

    def __init__(self, page: Page, own: Collection[str]) -> None:
        self.complaints: list[str] = []
        self.foreign_requests: list[str] = []
        self._own = own
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_REFUSED):
            self.complaints.append(message.text)

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" not in self._own:
            self.foreign_requests.append(request.url)
