"""The page that says how an answer came about."""

from uuid import uuid4

import pytest
from django.urls import reverse

from chat.actions import create_channel, delete_message, send_message
from homes.actions import remove_member
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.runs import confirmations, queue
from tests.counting import queries_of
from tests.factories import by
from tests.pixie.providers import Fails, Says, Wants
from tests.pixie.test_thinking import HARD


@pytest.fixture
def page(nok, sign_in):
    """`page()`: how the last run came about, as Nok reads it; `page(ben)`."""

    def read(who=nok, run=None):
        run = run or Run.objects.order_by("created_at").last()
        return sign_in(who).get(reverse("pixie:run", args=[nok.home_id, run.pk]))

    return read


def html(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_understood_without_a_model(tell, weekly, page):
    answer = tell("We need a dozen eggs")
    shown = html(page())
    for said in ("We need a dozen eggs", "Understood without a language model", "% sure", "Add 1 dozen"):
        assert said in shown
    assert answer.body in shown
    assert "None: no language model was used" in shown


def test_a_message_leads_to_it(nok, talk, tell, weekly, sign_in):
    done, idle = tell("We need eggs"), tell("Tell me a joke")
    shown = html(sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, talk.pk])))
    for message in (done, idle):
        assert shown.count(reverse("pixie:run", args=[nok.home_id, message.metadata["run"]])) == 1


def test_each_step_with_its_model_its_tools_and_its_cost(tell, weekly, provider, page):
    provider.plays(
        Says("Let me look.", (Wants("add_item", {"name": "balloons", "note": "red"}), Wants("fly", {"to": "moon"}))),
        Says("I added balloons to Weekly shop."),
    )
    tell(HARD)
    shown = html(page())
    for said in (
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
        assert said in shown, said


def test_what_people_and_models_wrote_is_no_markup_and_has_an_end(tell, weekly, provider, page):
    evil = "<script>alert(1)</script>"
    provider.plays(Says(evil + "x" * 5000, (Wants("add_item", {"name": evil[:40], "note": "y" * 5000}),)), Says(evil))
    tell(f"{HARD} {evil}")
    shown = html(page())
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown
    assert "x" * 1001 not in shown and "y" * 1001 not in shown


def test_why_it_failed_is_said_kindly(tell, provider, page):
    provider.plays(*[Fails(401, "authentication_error")] * 4)
    tell(HARD)
    shown = html(page())
    assert "no longer accepts its key" in shown
    assert "authentication_error" not in shown
    assert "None: the language model didn't answer" in shown


def test_what_was_asked_back_and_who_said_yes(nok, ben, general, tell, rice, page):
    asked = tell("Pixie, we need 90 kg rice", where=general)
    assert "Waiting" in html(page())
    confirmations.decide(asked, yes=True, by=by(ben))
    shown = html(page(run=Run.objects.get(pk=asked.metadata["run"])))
    assert "Confirmed, Ben" in shown
    assert shown.lower().count("add 90 kg rice") == 2  # asked, and then done
    assert Run.objects.get(pk=asked.metadata["run"]).tool_ms == sum(RunStep.objects.values_list("tool_ms", flat=True))


def test_a_question_that_was_taken_back_is_not_told(nok, talk, page):
    asked = send_message(talk, "We need surprise balloons", by=by(nok))
    queue.process_home(nok.home_id)
    delete_message(asked, by=by(nok))
    shown = html(page())
    assert "balloons" not in shown.lower()
    assert "The message was deleted" in shown


def test_one_that_waits_can_be_stopped_from_it(nok, pixie, talk, page, sign_in):
    asked = send_message(talk, "We need eggs", by=by(nok))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, trigger_message=asked)
    shown = html(page())
    assert "Waiting for its turn." in shown
    assert 'hx-trigger="every 2s"' in shown
    here = reverse("pixie:run", args=[nok.home_id, run.pk])
    stop = shown.split('formaction="')[1].split('"')[0]
    assert sign_in(nok).post(stop, {"next": here}).url == here
    run.refresh_from_db()
    assert (run.status, run.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    shown = html(page())
    assert "every 2s" not in shown
    assert "It was stopped before it finished." in shown


def test_what_is_under_way_is_shown(nok, pixie, talk, page):
    asked = send_message(talk, HARD, by=by(nok))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, trigger_message=asked, status=RunStatus.RUNNING)
    step = RunStep.objects.create(run=run, step_number=1, model="tiny")
    RunMessage.objects.create(run=run, step=step, message_type="tool_call_message", tool_name="search",
                              tool_input={"query": "party"}, tool_call_id="1")  # fmt: skip
    shown = html(page())
    assert "Working…" in shown and "In progress" in shown and "Search for party" in shown


def test_it_is_for_those_who_see_the_channel(nok, ben, mai, talk, tell, weekly, page):
    tell("We need eggs")
    assert page(ben).status_code == 404
    assert page(mai).status_code == 404


def test_a_private_room_is_private(nok, ben, ploy, tell, weekly, page):
    room = create_channel("gifts", is_private=True, by=by(nok))
    tell("Pixie, we need eggs", where=room)
    assert (page(nok).status_code, page(ben).status_code) == (200, 404)


def test_who_left_sees_nothing(nok, ben, general, tell, weekly, page):
    tell("Pixie, we need eggs", where=general)
    assert page(ben).status_code == 200
    remove_member(ben, by=by(nok))
    assert page(ben).status_code == 404


def test_one_that_never_was_is_not_found(nok, sign_in):
    assert sign_in(nok).get(reverse("pixie:run", args=[nok.home_id, uuid4()])).status_code == 404


def test_many_steps_cost_no_more_queries_than_few(nok, tell, weekly, page):
    tell("We need eggs")
    run = Run.objects.get()

    def more(numbers):
        for number in numbers:
            step = RunStep.objects.create(run=run, step_number=number, model="tiny")
            RunMessage.objects.create(run=run, step=step, message_type="tool_call_message", tool_name="list_items")

    more(range(2, 4))
    few = queries_of(lambda: page(run=run))
    more(range(4, 20))
    assert queries_of(lambda: page(run=run)) == few
