"""A running service, and the machine's Chromium on its docs page."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.client.service import Service, running

from .docs_page import DocsPage

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# Playwright keeps an event loop running, which the asynchronous tests of other modules can't have.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        missing = "Chromium is not installed: apt install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program)
        yield started
        started.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running("sqlite:///auth.db", tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture
def docs(browser: Browser, service: Service) -> Iterator[DocsPage]:
    """A fresh browser profile; whatever the test does, the page must not misbehave."""
    context = browser.new_context()
    docs = DocsPage(context.new_page(), service.url)
    yield docs
    assert docs.complaints == []
    assert docs.foreign_requests == []
    context.close()
