"""A profile of the browser with one page, which is emptied and used again."""

from msgspec import Struct
from playwright.sync_api import Browser, Page

from tests.support.chromium import Watch

# A service that is stopped is no fault of the page.
_UNANSWERED = "Failed to load resource"
_CLEAR = "() => { localStorage.clear(); sessionStorage.clear(); }"


class Profile(Struct, frozen=True):
    """`own` are the origins that its page may ask."""

    page: Page
    watch: Watch
    own: set[str]

    def empty(self) -> tuple[list[str], list[str]]:
        """As a new one is, but for cached files; the faults of its page, and whom it asked else."""
        self.page.evaluate(_CLEAR)
        self.page.context.clear_cookies()
        watch = self.watch
        faults = [each for each in watch.complaints if not each.startswith(_UNANSWERED)]
        others = [*watch.foreign_requests]
        for heard in (watch.complaints, watch.foreign_requests, self.own):
            heard.clear()
        return faults, others


def new_profile(browser: Browser) -> Profile:
    own: set[str] = set()
    page = browser.new_context().new_page()
    return Profile(page, Watch(page, own), own)
