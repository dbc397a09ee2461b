"""A person in front of a browser: the page object that the tests share."""

import re
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.server import PASSWORD, Server


def unique_name(start: str = "Thing") -> str:
    """Return a name that no other test uses. Letters only, and no plural."""
    return start + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:8])


def exact_text(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


@dataclass
class Person:
    page: Page
    server: Server
    home: str = ""

    # Pages

    def goto(self, path: str) -> None:
        """Open a path within the home, such as `lists/`, or a full URL."""
        self.page.goto(path if path.startswith("http") else f"{self.server.url}/h/{self.home}/{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow_link(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def expect_text(self, text: str | re.Pattern[str]) -> None:
        """Expect the text on the page or on a toast."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sign_up(self, name: str, email: str) -> None:
        """Fill in and submit the sign-up form."""
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Create account")

    # Lists

    def create_list(self, name: str) -> str:
        """Create a list. Returns its URL."""
        self.goto("lists/")
        self.page.get_by_label("Name of the list").fill(name)
        self.press("Create")
        expect(self.page.locator("h1")).to_have_text(name)
        return self.page.url

    @property
    def field(self) -> Locator:
        return self.page.locator("#add-text")

    def add_items(self, text: str) -> None:
        self.field.fill(text)
        self.page.locator("#add").get_by_role("button", name="Add").click()
        expect(self.field).to_have_value("")

    def pending_entry(self, name: str) -> Locator:
        """Return the row of an entry that is not bought yet."""
        named = self.page.locator("[id^='n-']").filter(has_text=exact_text(name))
        return self.page.locator("#entries .entry:not(.entry--got)").filter(has=named)

    def basket_entry(self, name: str) -> Locator:
        """Return the row of an entry in the basket."""
        named = self.page.locator("[id^='n-']").filter(has_text=re.compile(rf"^{re.escape(name)}, "))
        return self.page.locator("#entries .entry--got").filter(has=named)

    def expect_pending(self, name: str, amount: str) -> None:
        expect(self.pending_entry(name).locator(".qty__value")).to_have_text(amount)

    def expect_in_basket(self, name: str) -> None:
        expect(self.basket_entry(name)).to_have_count(1)
        expect(self.pending_entry(name)).to_have_count(0)

    def expect_no_entry(self, name: str) -> None:
        expect(self.pending_entry(name)).to_have_count(0)
        expect(self.basket_entry(name)).to_have_count(0)

    def tick(self, name: str) -> None:
        self.pending_entry(name).locator(".entry__tick").click()

    def untick(self, name: str) -> None:
        self.basket_entry(name).locator(".entry__tick").click()

    def expand_entry(self, name: str) -> Locator:
        row = self.pending_entry(name)
        row.locator(".qty__value").click()
        expect(row).to_have_class(re.compile("entry--open"))
        return row

    def choose_from_menu(self, name: str) -> None:
        """Choose an action from the list's menu."""
        self.page.locator("#list-menu summary").click()
        self.page.locator("#list-menu").get_by_text(name, exact=True).click()

    # Chat

    def create_room(self, name: str, *, is_private: bool = False) -> str:
        """Create a room. Returns its URL."""
        self.goto("chat/new/")
        self.page.get_by_label("Name of the room").fill(name)
        if is_private:
            self.page.get_by_label("Only for people who are added").check()
        self.press("Create room")
        expect(self.page.locator("#t-channel")).to_have_text(name)
        return self.page.url

    def open_pixie_chat(self) -> None:
        """Open the person's own chat with Pixie."""
        self.goto("chat/")
        link = self.page.locator("#channels .pane__group").last.locator(".channel").first
        self.page.goto(f"{self.page.url}#channels")
        link.click()
        expect(self.page.locator("#t-channel")).to_have_text("Pixie")

    def send_message(self, text: str, *, field: str = "message") -> Locator:
        """Send a message. Returns it as shown on the sender's screen."""
        textarea = self.page.locator(f"#text-{field}")
        textarea.fill(text)
        self.page.locator(f"#say-{field}").get_by_role("button", name="Send").click()
        expect(textarea).to_have_value("")
        pane = "#message-list" if field == "message" else "#reply-list"
        message = self.page.locator(f"{pane} .message--mine").filter(has_text=text).last
        expect(message).to_be_visible()
        return self.page.locator(f"{pane} [id='{message.get_attribute('id')}']")

    def message(self, text: str) -> Locator:
        """Return the last message in the room with this text."""
        return self.page.locator("#message-list .message").filter(has=self.page.locator(".bubble", has_text=text)).last

    def reply_to(self, message: Locator) -> Locator:
        """Return Pixie's first message after this one."""
        return message.locator(
            "xpath=following-sibling::li[contains(@class,'message--pixie') and @id!='awaited']"
        ).first

    def ask_pixie(self, text: str, answer: str | re.Pattern[str]) -> Locator:
        """Send a message in the open room and expect this answer."""
        reply = self.reply_to(self.send_message(text))
        expect(reply.locator(".bubble > p").first).to_contain_text(answer)
        return reply
