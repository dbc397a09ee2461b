"""Helpers that take a phone offline and online, and check its waiting changes."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.browser import wait_for_result
from tests.e2e.person import Person

IS_PAGE_CACHED = "async () => Boolean(await caches.match(location.href)) && Boolean(navigator.serviceWorker.controller)"
IS_TEXT_CACHED = "async (word) => (await (await caches.match(location.href))?.text())?.includes(word)"
COUNT_INTENTS = (
    'new Promise(done => indexedDB.open("pantry").onsuccess = ({target: {result}}) => '
    'result.transaction("intents").objectStore("intents").count().onsuccess = (e) => done(e.target.result))'
)


def wait_for_cached_page(person: Person) -> None:
    """Wait until the open page is cached for offline use."""
    wait_for_result(person.page, IS_PAGE_CACHED)


def wait_for_cached_text(person: Person, word: str) -> None:
    """Wait until the cached page contains the text."""
    wait_for_result(person.page, IS_TEXT_CACHED, word)


def go_offline(person: Person) -> None:
    person.page.context.set_offline(True)
    person.expect_text(re.compile("^Offline"))


def record_connection_texts(person: Person) -> None:
    """Record the texts of the connection banner, because some are shown only briefly."""
    person.page.evaluate(
        """() => {
          const line = document.querySelector(".connection");
          window.bannerTexts = [];
          new MutationObserver(() => bannerTexts.push(line.textContent.trim())).observe(line, { childList: true });
        }"""
    )


def go_online(person: Person) -> None:
    record_connection_texts(person)
    person.page.context.set_offline(False)


def expect_waiting(person: Person, count: int) -> None:
    text = "1 change waiting." if count == 1 else f"{count} changes waiting."
    expect(person.page.locator(".connection")).to_contain_text(text)
    wait_for_result(person.page, f"async () => (await {COUNT_INTENTS}) === {count}")


def wait_until_saved(person: Person) -> None:
    """Wait until all changes are sent and the banner has said so."""
    person.page.wait_for_function("() => bannerTexts.includes('All saved.')")
    wait_for_result(person.page, f"async () => (await {COUNT_INTENTS}) === 0")


def add_with_enter(person: Person, text: str) -> None:
    person.field.fill(text)
    person.field.press("Enter")
    expect(person.field).to_have_value("")


def remove_entry(person: Person, name: str) -> None:
    person.expand_entry(name).get_by_role("button", name="Remove").click()


def notice(person: Person) -> Locator:
    return person.page.locator(".outbox__notices .notice")
