"""The error page, as Chromium draws it."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import Watch
from tests.system.js_client.service import PAGE, Service

pytestmark = pytest.mark.xdist_group("browser")

GROUND = "getComputedStyle(document.body).backgroundColor"
WIDTH = "document.documentElement.scrollWidth"
QUERY = "error=unable_to_create_user&error_description=" + "x" * 200


@pytest.mark.parametrize(
    ("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 22, 22)")]
)
@pytest.mark.parametrize("width", [320, 1000])
def test_it_fits_the_screen_and_its_colours(
    browser: Browser, service: Service, scheme: Literal["light", "dark"], ground: str, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 600})
    page = context.new_page()
    watch = Watch(page, {service.url})
    page.goto(f"{service.url}/api/auth/error?{QUERY}")
    assert page.evaluate(GROUND) == ground
    assert page.evaluate(WIDTH) == width
    assert page.get_by_role("main").get_by_role("link").get_attribute("href") == f"{PAGE}/"
    assert (watch.complaints, watch.foreign_requests) == ([], [])
    context.close()
