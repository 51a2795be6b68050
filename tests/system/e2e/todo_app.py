"""The to-do app as somebody who reads it, types and clicks."""

from msgspec import Struct
from playwright.sync_api import Locator, Page, Request, expect


class Person(Struct, frozen=True):
    name: str
    email: str
    password: str = "correct horse battery"


class TodoApp:
    """`asked` are the requests to the task API that the page has sent."""

    def __init__(self, page: Page, origin: str) -> None:
        self.asked: list[Request] = []
        self._page = page
        self._origin = origin
        page.on("request", self._note)

    def open(self, path: str = "/") -> None:
        self._page.goto(f"{self._origin}{path}")

    def leave(self) -> None:
        """For another test, which opens the app on the same page."""
        self._page.remove_listener("request", self._note)

    def join(self, person: Person, origin: str) -> None:
        """Signs up by a request of the browser to the API at this origin."""
        body = {"name": person.name, "email": person.email, "password": person.password}
        url, headers = f"{origin}/api/auth/sign-up/email", {"origin": self._origin}
        assert self._page.request.post(url, data=body, headers=headers).ok

    def sign_up(self, person: Person) -> None:
        """From the sign-in page."""
        self._page.get_by_role("link", name="Sign up").click()
        self.shows("Sign up")
        self._page.get_by_label("Name").fill(person.name)
        self._submit(person, "Sign up")

    def sign_in(self, person: Person) -> None:
        self._submit(person, "Sign in")

    def sign_out(self) -> None:
        self._button("Sign out").click()
        self.shows("Sign in")

    def set_up_second_factor(self, person: Person) -> tuple[str, list[str]]:
        """Returns the key that stands next to the QR code, and the backup codes."""
        self._page.get_by_role("link", name="Second factor").click()
        self._page.get_by_label("Password").fill(person.password)
        self._button("Set up an app").click()
        expect(self._page.get_by_role("img", name="QR code for your app")).to_be_visible()
        key = self._page.get_by_text("Or type this key").get_by_role("code").inner_text()
        codes = self._page.get_by_role("list", name="Backup codes").get_by_role("listitem")
        return key, codes.all_inner_texts()

    def enable_second_factor(self, code: str) -> None:
        """Shows the first code of the app."""
        self._page.get_by_label("Code of the app").fill(code)
        self._button("Enable").click()

    def disable_second_factor(self, person: Person) -> None:
        self._page.get_by_role("link", name="Second factor").click()
        self._page.get_by_label("Password").fill(person.password)
        self._button("Turn it off").click()
        expect(self._button("Set up an app")).to_be_visible()

    def reads(self, text: str) -> None:
        """Waits for a status."""
        expect(self._page.get_by_role("status").filter(has_text=text)).to_be_visible()

    def offers_second_factor(self) -> bool:
        return self._page.get_by_role("link", name="Second factor").is_visible()

    def enter_code(self, code: str) -> None:
        """At sign-in, after the password."""
        self._page.get_by_label("Code of your app").fill(code)
        self._button("Sign in").click()

    def enter_backup_code(self, code: str) -> None:
        self._button("Use a backup code").click()
        self._page.get_by_label("Backup code").fill(code)
        self._button("Sign in").click()

    def ask_for(self, title: str) -> None:
        """A new task, as it is typed."""
        self._page.get_by_label("New task").fill(title)
        self.press("Enter")

    def add(self, title: str) -> None:
        """The same, and waits until it is listed."""
        self.ask_for(title)
        expect(self._box(title)).to_be_visible()

    def tick(self, title: str) -> None:
        self._box(title).click()

    def delete(self, title: str) -> None:
        self._button(f"Delete “{title}”").click()

    def try_again(self) -> None:
        self._button("Try again").click()

    def press(self, *keys: str) -> None:
        """One after the other, wherever the focus is."""
        for key in keys:
            self._page.keyboard.press(key)

    def shows(self, heading: str) -> None:
        """Waits for a page."""
        expect(self._page.get_by_role("heading", name=heading, exact=True)).to_be_visible()

    def greets(self, person: Person) -> None:
        expect(self._page.get_by_text(f"Signed in as {person.name}")).to_be_visible()

    def lists(self, tasks: dict[str, bool]) -> None:
        """Waits until exactly these are listed, in this order; whether each is ticked."""
        expect(self._page.get_by_label("New task")).to_be_visible()
        expect(self._page.get_by_role("listitem")).to_have_text(list(tasks))
        for title, is_ticked in tasks.items():
            expect(self._box(title)).to_be_checked(checked=is_ticked)

    def announces(self, error: str) -> None:
        """Waits until it is where screen readers hear of it."""
        expect(self._page.get_by_role("alert").filter(has_text=error)).to_be_visible()

    def email(self) -> str:
        """What the field holds."""
        return self._page.get_by_label("Email").input_value()

    def statuses(self) -> list[int]:
        """Of the answers to what was asked."""
        answers = [request.response() for request in self.asked]
        return [answer.status for answer in answers if answer is not None]

    def _submit(self, person: Person, action: str) -> None:
        self._page.get_by_label("Email").fill(person.email)
        self._page.get_by_label("Password").fill(person.password)
        self._button(action).click()

    def _button(self, name: str) -> Locator:
        return self._page.get_by_role("button", name=name, exact=True)

    def _box(self, title: str) -> Locator:
        return self._page.get_by_role("checkbox", name=title, exact=True)

    def _note(self, request: Request) -> None:
        if request.resource_type == "fetch" and "/tasks" in request.url:
            self.asked.append(request)
