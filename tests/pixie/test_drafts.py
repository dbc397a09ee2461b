"""Drafts of answers: streamed to clients, saved while they are written, and stopped."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from chat.actions import create_channel, send_message
from chat.models import Message, MessageState
from homes.accounts.api.jwt import tokens_for
from pantry import broadcast
from pixie.models import Run, RunStatus, StopReason
from pixie.runs import draft as runs_draft
from pixie.runs import lease, llm_loop, queue
from pixie.runs.draft import Draft, answer_id
from pixie.runs.wait import get_answer
from tests.factories import by
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, unchanged

STORY = "Once upon a time there was a home with an empty fridge. "


@pytest.fixture
def frames(monkeypatch):
    sent_frames = []
    monkeypatch.setattr(
        broadcast, "send_transient", lambda home_id, frame, **options: sent_frames.append({**frame, **options})
    )
    return sent_frames


def page_texts(frames):
    """Return the texts that a page shows after each frame."""
    text, texts = "", []
    for frame in frames:
        assert frame["at"] <= len(text)
        text = text[: frame["at"]] + frame["text"]
        texts.append(text)
    return texts


def test_draft_is_streamed_in_frames(tell, agent_chat, provider, frames, monkeypatch):
    monkeypatch.setattr(runs_draft, "FRAME_SECONDS", 0.0)
    provider.enqueue(Reply(STORY * 3 + "😀 Ende", pieces=10, pause=0.02))
    answer = tell(MODEL_REQUEST)
    texts = page_texts(frames)
    assert len({text for text in texts if text}) > 3
    assert all(answer.body.startswith(text) for text in texts)
    assert {frame["type"] for frame in frames} == {"message_delta"}
    assert {(frame["message_id"], frame["channel_id"], frame["audience"]) for frame in frames} == {
        (answer.pk, agent_chat.pk, agent_chat.pk)
    }


def test_frames_in_a_public_room_are_for_everybody(tell, general, provider, frames):
    tell(f"Pixie, {MODEL_REQUEST}", where=general)
    assert {frame["audience"] for frame in frames} == {None}


def test_frames_in_a_private_room_are_for_its_members(nok, tell, provider, frames):
    room = create_channel("presents", by=by(nok), is_private=True)
    tell(f"Pixie, {MODEL_REQUEST}", where=room)
    assert {frame["audience"] for frame in frames} == {room.pk}


def test_frames_are_throttled(tell, provider, frames, monkeypatch):
    monkeypatch.setattr(runs_draft, "FRAME_SECONDS", 60.0)
    provider.enqueue(Reply(STORY * 20, pieces=1))
    tell(MODEL_REQUEST)
    assert len(frames) <= 2


def test_frames_describe_the_current_activity(tell, weekly, provider, frames):
    provider.enqueue(Reply(calls=(Call("list_items"),)), Reply(STORY))
    tell(MODEL_REQUEST)
    doing = [frame["doing"] for frame in frames]
    assert doing[0] == "Thinking…"
    assert "Looking at your list…" in doing


def test_draft_is_saved_while_it_is_written(nok, sign_in, agent_chat, tell, provider, monkeypatch, frames):
    monkeypatch.setattr(runs_draft, "SAVE_SECONDS", 0.0)
    seen = []

    real = runs_draft.save_draft

    def save_and_record(draft, body, doing=""):
        real(draft, body, doing)
        row = Message.objects.get(pk=draft.pk)
        page = sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, agent_chat.pk])).content.decode()
        seen.append((row.state, row.body, row.body in page, "Stop" in page))

    def wait_for_saves(piece):
        deadline = time.monotonic() + 60
        while len(seen) < piece and time.monotonic() < deadline:
            time.sleep(0.01)

    monkeypatch.setattr(runs_draft, "save_draft", save_and_record)
    provider.enqueue(Reply(STORY * 2, pieces=20, before=wait_for_saves))
    tell(MODEL_REQUEST)
    assert len(seen) > 3
    assert {(state, on_page, stop) for state, _body, on_page, stop in seen} == {(MessageState.STREAMING, True, True)}
    assert len({body for _state, body, _on_page, _stop in seen}) > 2


def test_draft_is_not_listed_logged_or_counted(nok, pixie, agent_chat, general, provider, events):
    from chat.actions import start_draft
    from chat.unread import unread_total

    message = send_message(general, f"Pixie, {MODEL_REQUEST}", by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    run = Run.objects.get()
    before = events(nok.home)
    start_draft(general, by=by(nok).as_agent(pixie), pk=answer_id(run))
    client = Client(headers={"Authorization": f"Bearer {tokens_for(nok.user, nok)['token']}"})
    url = f"/api/homes/{nok.home_id}/channels/{general.pk}/messages"
    assert [row["id"] for row in client.get(url).json()["results"]] == [str(message.pk)]
    assert client.get(f"{url}/{answer_id(run)}").json()["state"] == "streaming"
    assert (events(nok.home), unread_total(nok), get_answer(run)) == (before, 0, None)


def test_markup_and_links_are_removed(tell, provider, frames):
    provider.enqueue(
        Reply(
            "Look: <img src=x onerror=alert(1)> ![a](https://evil.example/x?milk) [here](https://evil.example/y) "
            "<script>alert(1)</script> at https://evil.example/z?list=milk and **bold**.",
            pieces=7,
            pause=0.01,
        )
    )
    answer = tell(MODEL_REQUEST)
    assert answer.body == unchanged("Look:  a here  at evil.example and bold.")
    for text in page_texts(frames):
        assert "<" not in text and "http" not in text and "milk" not in text


@pytest.mark.parametrize("end", range(1, 160))
def test_no_beginning_of_an_answer_shows_markup_or_links(end):
    answer = (
        "ดูที่https://evil.example/x?milk <img src=x onerror=alert(1)> ![a](https://evil.example/x?milk) "
        "[look here](https://evil.example/y?milk) www.evil.example/milk mailto:milk@evil.example **bold**"
    )
    draft = Draft.__new__(Draft)
    draft.text = answer[:end]
    text = draft._shown_text()
    assert not re.search(r"<|http|www|mailto|milk|/", text), text
    assert len(answer) > 160 and (end < 10 or text.startswith("ดูที่"))


def test_addresses_in_answers_are_not_linked(nok, sign_in, agent_chat, tell, provider):
    provider.enqueue(Reply("See evil.example.com for it <b>now</b>."))
    tell(MODEL_REQUEST)
    page = sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, agent_chat.pk])).content.decode()
    assert "See evil.example.com for it" in page
    assert 'href="http://evil' not in page


# Stopping


@pytest.fixture
def running_run(nok, pixie, agent_chat):
    """A run claimed by a worker."""
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    return queue.claim_run(pixie)


def api_client(member):
    return Client(headers={"Authorization": f"Bearer {tokens_for(member.user, member)['token']}"})


def test_cancelling_a_running_run_requests_a_stop(nok, running_run, events):
    before = events(nok.home)
    answer = api_client(nok).post(f"/api/homes/{nok.home_id}/runs/{running_run.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    running_run.refresh_from_db()
    assert running_run.stop_requested_at is not None
    assert events(nok.home) == before


def test_waiting_run_is_cancelled_immediately(nok, pixie, agent_chat):
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    run = Run.objects.get()
    answer = api_client(nok).post(f"/api/homes/{nok.home_id}/runs/{run.pk}/cancel").json()
    assert (answer["status"], answer["response"]["message"]) == ("cancelled", "Stopped.")
    run.refresh_from_db()
    assert (run.status, run.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    assert queue.process_home(nok.home_id) == 0


def test_cancelling_a_finished_run_changes_nothing(nok, tell, weekly):
    tell("We need eggs")
    run = Run.objects.get()
    answer = api_client(nok).post(f"/api/homes/{nok.home_id}/runs/{run.pk}/cancel").json()
    assert (answer["status"], answer["response"]["message"][:10]) == ("completed", "Added Eggs")


def test_run_of_an_invisible_channel_cannot_be_cancelled(nok, ben, running_run):
    assert api_client(ben).post(f"/api/homes/{nok.home_id}/runs/{running_run.pk}/cancel").status_code == 404
    running_run.refresh_from_db()
    assert running_run.stop_requested_at is None


def test_stop_button_requests_a_stop(nok, ben, sign_in, running_run, agent_chat):
    url = reverse("pixie:stop", args=[nok.home_id, answer_id(running_run)])
    assert sign_in(ben).post(url).status_code == 404
    answer = sign_in(nok).post(url)
    assert (answer.status_code, answer.url) == (302, reverse("chat:channel", args=[nok.home_id, agent_chat.pk]))
    running_run.refresh_from_db()
    assert running_run.stop_requested_at is not None


def test_stopped_answer_keeps_its_receipt(nok, tell, weekly, provider, monkeypatch):
    monkeypatch.setattr(llm_loop, "CHECK_SECONDS", 0.0)

    def respond(body):
        if len(body["messages"]) == 1:
            return Reply(calls=(Call("add_item", {"name": "cake"}),))
        return Reply(STORY * 9, pieces=10, pause=0.02)

    provider.respond = respond
    real, seen = lease.stop_requested, []

    def stop_in_second_step(run):
        seen.append(1)
        return real(run) or (len(provider.requests) == 2 and len(seen) > 6)

    monkeypatch.setattr(lease, "stop_requested", stop_in_second_step)
    answer = tell(MODEL_REQUEST)
    assert answer.state == MessageState.ABORTED
    assert answer.metadata["receipt"]["lines"][0]["name"] == "Cake"
