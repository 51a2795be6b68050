"""A running service, and the machine's Chromium on its docs page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import Watch, running_chromium
from tests.system.js_client.service import Service, running

from .docs_page import DocsPage


# Of this folder, as Chromium has to be left before other tests begin.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running("sqlite:///auth.db", tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture(scope="module")
def docs(browser: Browser, service: Service) -> Iterator[DocsPage]:
    """A fresh browser profile; whatever the tests do, the page must not misbehave."""
    context = browser.new_context()
    page = context.new_page()
    watch = Watch(page, {service.url})
    yield DocsPage(page, service.url)
    assert watch.complaints == []
    assert watch.foreign_requests == []
    context.close()
