"""The page of a run."""

from uuid import uuid4

import pytest
from django.urls import reverse

from chat.actions import create_channel, delete_message, send_message
from homes.actions import remove_member
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.runs import confirmations, queue
from tests.counting import queries_of
from tests.factories import by
from tests.pixie.providers import Call, ErrorReply, Reply
from tests.pixie.runs import MODEL_REQUEST


@pytest.fixture
def page(nok, sign_in):
    """Return a function that requests the page of the last run as Nok, or as another member: `page(ben)`."""

    def read(member=nok, run=None):
        run = run or Run.objects.order_by("created_at").last()
        return sign_in(member).get(reverse("pixie:run", args=[nok.home_id, run.pk]))

    return read


def html(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_page_of_a_local_answer(tell, weekly, page):
    answer = tell("We need a dozen eggs")
    content = html(page())
    for text in ("We need a dozen eggs", "Understood without a language model", "% sure", "Add 1 dozen"):
        assert text in content
    assert answer.body in content
    assert "None: no language model was used" in content


def test_message_links_to_its_run(nok, agent_chat, tell, weekly, sign_in):
    done, idle = tell("We need eggs"), tell("Tell me a joke")
    content = html(sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, agent_chat.pk])))
    for message in (done, idle):
        assert content.count(reverse("pixie:run", args=[nok.home_id, message.metadata["run"]])) == 1


BAD_ARGUMENTS = [
    Call("remember", {"content": "x", "tags": [1]}),
    Call("schedule_message", {"prompt": "x", "at": "soon"}),
    Call("clear_list", {"keep": 5}),
    Call("clear_list", {"keep": [5], "count": "many"}),
    Call("move_item", {"name": ["milk"], "to_list": {"a": 1}}),
    Call("swap_item", {"name": "milk", "quantity": [2]}),
    Call("add_item", {"name": "milk", "store": 5}),
]


@pytest.mark.parametrize("call", BAD_ARGUMENTS, ids=lambda call: str(call.arguments))
def test_page_shows_calls_with_arguments_of_a_wrong_type(tell, weekly, milk, provider, page, call):
    provider.enqueue(Reply(calls=(call,)), Reply("Well."))
    tell(MODEL_REQUEST)
    assert "refused" in html(page())


def test_page_shows_model_tools_and_cost_of_each_step(tell, weekly, provider, page):
    provider.enqueue(
        Reply("Let me look.", (Call("add_item", {"name": "balloons", "note": "red"}), Call("fly", {"to": "moon"}))),
        Reply("I added balloons to Weekly shop."),
    )
    tell(MODEL_REQUEST)
    content = html(page())
    for text in (
        "Asked tiny",
        "Let me look.",
        "Add balloons",
        "red",
        "Added Balloons to Weekly shop",
        "There is no such tool.",
        "I added balloons to Weekly shop.",
        "100 tokens in, 20 out, US$ 0.0120",
        "200 tokens in, 40 out, US$ 0.0240",
    ):
        assert text in content, text


def test_page_escapes_and_truncates_texts(tell, weekly, provider, page):
    evil = "<script>alert(1)</script>"
    provider.enqueue(
        Reply(evil + "x" * 5000, (Call("add_item", {"name": evil[:40], "note": "y" * 5000}),)), Reply(evil)
    )
    tell(f"{MODEL_REQUEST} {evil}")
    content = html(page())
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert" in content
    assert "x" * 1001 not in content and "y" * 1001 not in content


def test_page_of_a_failed_run_explains_the_error(tell, provider, page):
    provider.enqueue(*[ErrorReply(401, "authentication_error")] * 4)
    tell(MODEL_REQUEST)
    content = html(page())
    assert "no longer accepts this server&#x27;s key" in content
    assert "authentication_error" not in content
    assert "None: the language model didn't answer" in content


def test_page_shows_the_question_and_who_confirmed(nok, ben, general, tell, rice, page):
    message = tell("Pixie, we need 90 kg rice", where=general)
    assert "Waiting" in html(page())
    confirmations.decide(message, yes=True, by=by(ben))
    content = html(page(run=Run.objects.get(pk=message.metadata["run"])))
    assert "Confirmed, Ben" in content
    assert content.lower().count("add 90 kg rice") == 2  # in the question and in the result
    assert Run.objects.get(pk=message.metadata["run"]).tool_ms == sum(RunStep.objects.values_list("tool_ms", flat=True))


def test_page_of_a_deleted_message_hides_its_text(nok, agent_chat, page):
    message = send_message(agent_chat, "We need surprise balloons", by=by(nok))
    queue.process_home(nok.home_id)
    delete_message(message, by=by(nok))
    content = html(page())
    assert "balloons" not in content.lower()
    assert "The message was deleted" in content


def test_waiting_run_can_be_stopped_on_the_page(nok, pixie, agent_chat, page, sign_in):
    message = send_message(agent_chat, "We need eggs", by=by(nok))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, trigger_message=message)
    content = html(page())
    assert "Waiting for its turn." in content
    assert 'hx-trigger="every 2s"' in content
    run_url = reverse("pixie:run", args=[nok.home_id, run.pk])
    stop = content.split('formaction="')[1].split('"')[0]
    assert sign_in(nok).post(stop, {"next": run_url}).url == run_url
    run.refresh_from_db()
    assert (run.status, run.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    content = html(page())
    assert "every 2s" not in content
    assert "It was stopped before it finished." in content


def test_page_shows_a_running_step(nok, pixie, agent_chat, page):
    message = send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    run = Run.objects.create(
        home=nok.home, agent=pixie, channel=agent_chat, trigger_message=message, status=RunStatus.RUNNING
    )
    step = RunStep.objects.create(run=run, step_number=1, model="tiny")
    RunMessage.objects.create(run=run, step=step, message_type="tool_call_message", tool_name="search",
                              tool_input={"query": "party"}, tool_call_id="1")  # fmt: skip
    content = html(page())
    assert "Working…" in content and "In progress" in content and "Search for party" in content


def test_page_is_not_found_for_non_members_of_the_channel(nok, ben, mai, agent_chat, tell, weekly, page):
    tell("We need eggs")
    assert page(ben).status_code == 404
    assert page(mai).status_code == 404


def test_page_of_a_private_room_is_visible_to_its_members(nok, ben, ploy, tell, weekly, page):
    room = create_channel("gifts", is_private=True, by=by(nok))
    tell("Pixie, we need eggs", where=room)
    assert (page(nok).status_code, page(ben).status_code) == (200, 404)


def test_page_is_not_found_for_former_members(nok, ben, general, tell, weekly, page):
    tell("Pixie, we need eggs", where=general)
    assert page(ben).status_code == 200
    remove_member(ben, by=by(nok))
    assert page(ben).status_code == 404


def test_unknown_run_is_not_found(nok, sign_in):
    assert sign_in(nok).get(reverse("pixie:run", args=[nok.home_id, uuid4()])).status_code == 404


def test_query_count_does_not_grow_with_steps(nok, tell, weekly, page):
    tell("We need eggs")
    run = Run.objects.get()

    def add_steps(numbers):
        for number in numbers:
            step = RunStep.objects.create(run=run, step_number=number, model="tiny")
            RunMessage.objects.create(run=run, step=step, message_type="tool_call_message", tool_name="list_items")

    add_steps(range(2, 4))
    baseline = queries_of(lambda: page(run=run))
    add_steps(range(4, 20))
    assert queries_of(lambda: page(run=run)) == baseline
