"""Streamed answers of a language model: live, after a reload, and stopped."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.pixie.providers import Anthropic, Call, Reply
from tests.server import NOK, Server

STORY = "On Saturday there could be a green curry for six. "


@pytest.fixture(scope="module")
def provider() -> Iterator[Anthropic]:
    with Anthropic() as provider:
        yield provider  # type: ignore[misc]


@pytest.fixture(scope="module")
def model_server(tmp_path_factory: pytest.TempPathFactory, provider: Anthropic) -> Iterator[Server]:
    """Run a server with a language model."""
    settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
    with Server(tmp_path_factory.mktemp("model_server") / "data", settings=settings) as server:
        yield server


@pytest.fixture
def nok(open_browser, model_server):
    person = open_browser(NOK, at=model_server)
    person.goto("")
    return person


def ask(nok, text):
    nok.page.locator("#tell-text").fill(text)
    nok.page.locator("#tell-text").press("Enter")
    expect(nok.page.locator("#t-channel")).to_have_text("Pixie")


def test_streamed_answer_survives_reload_and_can_be_stopped(nok, provider):
    provider.enqueue(Reply(calls=(Call("list_items"),)), Reply(STORY * 400, pieces=10, pause=0.05))
    ask(nok, "What could there be for dinner on Saturday, whatever you like")
    draft = nok.page.locator("#message-list .message--pixie").last
    expect(draft.locator("[data-doing]")).to_have_text("Looking at your list…")
    expect(draft.locator("[data-words]")).to_contain_text("green curry")
    nok.page.reload()
    expect(draft.locator("[data-words]")).to_contain_text("green curry for six. On Saturday")
    draft.get_by_role("button", name="Stop").click()
    expect(draft).to_contain_text("Stopped before it was finished.")
    expect(draft.locator("[data-words]")).to_have_count(0)
    provider.script.clear()


def test_run_page_is_updated_live(nok, provider):
    provider.enqueue(Reply("Let me look.", (Call("list_items"),)), Reply(STORY * 100, pieces=25, pause=0.05))
    ask(nok, "What could there be for dinner on Sunday, whatever you like")
    nok.page.locator("#message-list .message--pixie").last.get_by_role("link", name="How Pixie did this").click()
    expect(nok.page.locator("#step-1")).to_contain_text("Show the list")
    expect(nok.page.locator("#answer [data-words]")).to_contain_text("green curry")
    expect(nok.page.locator("#figures")).to_contain_text("Completed", timeout=60_000)  # without a reload
    expect(nok.page.locator("#answer")).to_contain_text("green curry for six. On Saturday")
    expect(nok.page.locator("#answer").get_by_role("button", name="Stop")).to_have_count(0)


def test_answer_has_a_receipt(nok, provider):
    provider.enqueue(
        Reply(calls=(Call("add_item", {"name": "lanterns"}),)), Reply("<b>Lanterns</b> are on the list now.", pieces=4)
    )
    ask(nok, "Could you think of something nice for the party, whatever it may be")
    answer = nok.page.locator("#message-list .message--pixie").last
    expect(answer.locator(".receipt")).to_contain_text("Lanterns")
    expect(answer.locator(".bubble > p").first).to_have_text("Lanterns are on the list now.")
