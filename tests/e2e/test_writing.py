"""An answer as it is written, on the screen of who asked: in pieces, after a reload, and stopped."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.pixie.providers import Anthropic, Says, Wants
from tests.server import NOK, Server

STORY = "On Saturday there could be a green curry for six. "


@pytest.fixture(scope="module")
def provider() -> Iterator[Anthropic]:
    with Anthropic() as provider:
        yield provider  # type: ignore[misc]


@pytest.fixture(scope="module")
def thoughtful(tmp_path_factory: pytest.TempPathFactory, provider: Anthropic) -> Iterator[Server]:
    """A server with a language model."""
    settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
    with Server(tmp_path_factory.mktemp("thoughtful") / "data", settings=settings) as server:
        yield server


@pytest.fixture
def nok(meet, thoughtful):
    person = meet(NOK, at=thoughtful)
    person.goes_to("")
    return person


def asks(nok, text):
    nok.page.locator("#tell-text").fill(text)
    nok.page.locator("#tell-text").press("Enter")
    expect(nok.page.locator("#t-channel")).to_have_text("Pixie")


def test_one_sees_it_written_also_after_a_reload_and_stops_it(nok, provider):
    provider.plays(Says(calls=(Wants("list_items"),)), Says(STORY * 400, pieces=10, pause=0.05))
    asks(nok, "What could there be for dinner on Saturday, whatever you like")
    draft = nok.page.locator("#talk .message--pixie").last
    expect(draft.locator("[data-doing]")).to_have_text("Looking at your list…")
    expect(draft.locator("[data-words]")).to_contain_text("green curry")
    nok.page.reload()
    expect(draft.locator("[data-words]")).to_contain_text("green curry for six. On Saturday")
    draft.get_by_role("button", name="Stop").click()
    expect(draft).to_contain_text("Stopped before it was finished.")
    expect(draft.locator("[data-words]")).to_have_count(0)
    provider.script.clear()


def test_how_it_is_done_is_shown_while_it_is_done(nok, provider):
    provider.plays(Says("Let me look.", (Wants("list_items"),)), Says(STORY * 100, pieces=25, pause=0.05))
    asks(nok, "What could there be for dinner on Sunday, whatever you like")
    nok.page.locator("#talk .message--pixie").last.get_by_role("link", name="How Pixie did this").click()
    expect(nok.page.locator("#step-1")).to_contain_text("Look at the list")
    expect(nok.page.locator("#answer [data-words]")).to_contain_text("green curry")
    expect(nok.page.locator("#figures")).to_contain_text("Completed", timeout=60_000)  # nobody loads the page again
    expect(nok.page.locator("#answer")).to_contain_text("green curry for six. On Saturday")
    expect(nok.page.locator("#answer").get_by_role("button", name="Stop")).to_have_count(0)


def test_what_it_did_stands_under_it(nok, provider):
    provider.plays(
        Says(calls=(Wants("add_item", {"name": "lanterns"}),)), Says("<b>Lanterns</b> are on the list now.", pieces=4)
    )
    asks(nok, "Could you think of something nice for the party, whatever it may be")
    answer = nok.page.locator("#talk .message--pixie").last
    expect(answer.locator(".receipt")).to_contain_text("Lanterns")
    expect(answer.locator(".bubble > p").first).to_have_text("Lanterns are on the list now.")
