"""What people do with the product, in their words."""

import re
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.server import PASSWORD, Server


def own_word(start: str = "Thing") -> str:
    """A name that no other test uses. Letters only, and no plural."""
    return start + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:8])


def exactly(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


@dataclass
class Person:
    page: Page
    server: Server
    home: str = ""

    # Going about

    def goes_to(self, path: str) -> None:
        """`path` within the home: `lists/`; or a whole address."""
        self.page.goto(path if path.startswith("http") else f"{self.server.url}/h/{self.home}/{path}")

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follows(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def reads(self, text: str | re.Pattern[str]) -> None:
        """In the page or on a toast."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def signs_up(self, name: str, email: str) -> None:
        """On the form that is open."""
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.presses("Create account")

    # Lists

    def begins_list(self, name: str) -> str:
        """Returns its address."""
        self.goes_to("lists/")
        self.page.get_by_label("Name of the list").fill(name)
        self.presses("Create")
        expect(self.page.locator("h1")).to_have_text(name)
        return self.page.url

    @property
    def field(self) -> Locator:
        return self.page.locator("#add-text")

    def adds(self, text: str) -> None:
        self.field.fill(text)
        self.page.locator("#add").get_by_role("button", name="Add").click()
        expect(self.field).to_have_value("")

    def to_get(self, name: str) -> Locator:
        """The row of something that is not bought yet."""
        named = self.page.locator("[id^='n-']").filter(has_text=exactly(name))
        return self.page.locator("#entries .entry:not(.entry--got)").filter(has=named)

    def got(self, name: str) -> Locator:
        """The row in the basket."""
        named = self.page.locator("[id^='n-']").filter(has_text=re.compile(rf"^{re.escape(name)}, "))
        return self.page.locator("#entries .entry--got").filter(has=named)

    def sees_to_get(self, name: str, amount: str) -> None:
        expect(self.to_get(name).locator(".qty__value")).to_have_text(amount)

    def sees_got(self, name: str) -> None:
        expect(self.got(name)).to_have_count(1)
        expect(self.to_get(name)).to_have_count(0)

    def sees_nothing_of(self, name: str) -> None:
        expect(self.to_get(name)).to_have_count(0)
        expect(self.got(name)).to_have_count(0)

    def ticks(self, name: str) -> None:
        self.to_get(name).locator(".entry__tick").click()

    def puts_back(self, name: str) -> None:
        self.got(name).locator(".entry__tick").click()

    def opens_row(self, name: str) -> Locator:
        row = self.to_get(name)
        row.locator(".qty__value").click()
        expect(row).to_have_class(re.compile("entry--open"))
        return row

    def chooses(self, name: str) -> None:
        """From the menu of the list."""
        self.page.locator("#list-menu summary").click()
        self.page.locator("#list-menu").get_by_text(name, exact=True).click()

    # Talk

    def opens_room(self, name: str, *, is_private: bool = False) -> str:
        """Opens a new one, and returns its address."""
        self.goes_to("chat/new/")
        self.page.get_by_label("Name of the room").fill(name)
        if is_private:
            self.page.get_by_label("Only for those who are brought in").check()
        self.presses("Create room")
        expect(self.page.locator("#t-channel")).to_have_text(name)
        return self.page.url

    def goes_to_pixie(self) -> None:
        """Into one's own talk with Pixie."""
        self.goes_to("chat/")
        link = self.page.locator("#channels .pane__group").last.locator(".channel").first
        self.page.goto(f"{self.page.url}#channels")
        link.click()
        expect(self.page.locator("#t-channel")).to_have_text("Pixie")

    def says(self, text: str, *, field: str = "message") -> Locator:
        """Returns the message as it stands on the own screen."""
        writing = self.page.locator(f"#text-{field}")
        writing.fill(text)
        self.page.locator(f"#say-{field}").get_by_role("button", name="Send").click()
        expect(writing).to_have_value("")
        pane = "#talk" if field == "message" else "#talk-thread"
        said = self.page.locator(f"{pane} .message--mine").filter(has_text=text).last
        expect(said).to_be_visible()
        return self.page.locator(f"{pane} [id='{said.get_attribute('id')}']")

    def message(self, text: str) -> Locator:
        """What was said in the room, by anybody."""
        return self.page.locator("#talk .message").filter(has=self.page.locator(".bubble", has_text=text)).last

    def answer_to(self, said: Locator) -> Locator:
        """The first thing that Pixie said after it."""
        return said.locator("xpath=following-sibling::li[contains(@class,'message--pixie') and @id!='awaited']").first

    def tells_pixie(self, text: str, answer: str | re.Pattern[str]) -> Locator:
        """Says it in the room that is open, and gets that answer."""
        heard = self.answer_to(self.says(text))
        expect(heard.locator(".bubble > p").first).to_contain_text(answer)
        return heard
