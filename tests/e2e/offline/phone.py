"""Losing the signal and getting it back, and what the page says of it."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.people import Person

KEPT = "async () => Boolean(await caches.match(location.href)) && Boolean(navigator.serviceWorker.controller)"
KEPT_WITH = "async (word) => (await (await caches.match(location.href))?.text())?.includes(word)"
STILL_THERE = 'new Promise(done => indexedDB.open("pantry").onsuccess = ({target: {result}}) => '
STILL_THERE += 'result.transaction("intents").objectStore("intents").count().onsuccess = (e) => done(e.target.result))'


def kept(person: Person) -> None:
    """The page that is open could be opened without a signal."""
    person.page.wait_for_function(KEPT)


def kept_with(person: Person, word: str) -> None:
    """… and this would stand in it."""
    person.page.wait_for_function(KEPT_WITH, arg=word)


def goes_down(person: Person) -> None:
    person.page.context.set_offline(True)
    person.reads(re.compile("^Offline"))


def watch(person: Person) -> None:
    """Remember what the line says, for some of it is said for a moment only."""
    person.page.evaluate(
        """() => {
          const line = document.querySelector(".connection");
          window.said = [];
          new MutationObserver(() => said.push(line.textContent.trim())).observe(line, { childList: true });
        }"""
    )


def comes_up(person: Person) -> None:
    watch(person)
    person.page.context.set_offline(False)


def waiting(person: Person, count: int) -> None:
    what = "1 change waiting." if count == 1 else f"{count} changes waiting."
    expect(person.page.locator(".connection")).to_contain_text(what)
    person.page.wait_for_function(f"async () => (await {STILL_THERE}) === {count}")


def saved(person: Person) -> None:
    """All that waited has arrived, and it was said."""
    person.page.wait_for_function("() => said.includes('All saved.')")
    person.page.wait_for_function(f"async () => (await {STILL_THERE}) === 0")


def adds(person: Person, text: str) -> None:
    person.field.fill(text)
    person.field.press("Enter")
    expect(person.field).to_have_value("")


def removes(person: Person, name: str) -> None:
    person.opens_row(name).get_by_role("button", name="Remove").click()


def notice(person: Person) -> Locator:
    return person.page.locator(".outbox__notices .notice")
