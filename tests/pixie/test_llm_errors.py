"""Runs with a language model that end early: errors, limits, stop requests and crashes of workers."""

import sys
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from chat.actions import send_message, start_draft
from chat.models import Message, MessageState
from homes.actions import remove_member
from homes.events.models import Event
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.runs import lease, llm_loop, prompt, queue, tool_calls
from pixie.runs.draft import answer_id
from tests.factories import by
from tests.pixie.providers import Call, Disconnect, ErrorReply, Reply
from tests.pixie.runs import (
    MODEL_REQUEST,
    WorkerDied,
    expire_leases,
    get_run,
    own_words,
    process_home,
    run_result,
    unchanged,
)

# Errors and limits


def test_truncated_answer_ends_with_an_ellipsis(tell, provider):
    provider.enqueue(Reply("Once upon a time", stop="max_tokens"))
    assert tell(MODEL_REQUEST).body == unchanged("Once upon a time …") + " The answer was too long and was cut off."
    assert run_result() == (RunStatus.COMPLETED, StopReason.MAX_TOKENS)


def test_empty_reply_fails_the_run(tell, provider):
    provider.enqueue(Reply(""))
    answer = tell(MODEL_REQUEST)
    assert run_result() == (RunStatus.FAILED, StopReason.NO_TOOL_CALL)
    assert (answer.state, answer.metadata["failed"]) == (MessageState.ERROR, True)


def test_refusal_of_the_model_fails_the_run(tell, provider):
    provider.enqueue(Reply("I can't", stop="refusal"))
    answer = tell(MODEL_REQUEST)
    assert run_result() == (RunStatus.FAILED, StopReason.ERROR)
    assert answer.body.startswith("I'd rather not answer that.")


@pytest.mark.parametrize(
    "entry", [ErrorReply(529), ErrorReply(429, "rate_limit_error"), ErrorReply(500, "api_error"), Disconnect()]
)
def test_temporary_error_is_retried(tell, provider, entry):
    provider.enqueue(entry, entry, Reply("Balloons."))
    assert tell(MODEL_REQUEST).body == unchanged("Balloons.")
    assert (len(provider.requests), get_run().steps.count(), get_run().attempts) == (3, 1, 1)


@pytest.mark.parametrize(
    "entry", [Reply("Balloons and a " * 9, cut_after=2), Reply("Balloons and a " * 9, error_after=2)]
)
def test_interrupted_stream_is_retried(tell, provider, entry):
    provider.enqueue(entry, Reply("Balloons."))
    assert tell(MODEL_REQUEST).body == unchanged("Balloons.")


def test_retries_are_limited(tell, provider):
    provider.respond = lambda _body: ErrorReply(529)
    answer = tell(MODEL_REQUEST)
    assert len(provider.requests) == llm_loop.MAX_ATTEMPTS
    assert run_result() == (RunStatus.FAILED, StopReason.ERROR)
    assert answer.body.startswith("My language model is too busy right now.")
    assert "overloaded_error" in get_run().error


def test_long_retry_after_is_not_awaited(tell, provider):
    provider.enqueue(ErrorReply(429, "rate_limit_error", retry_after="3600"))
    tell(MODEL_REQUEST)
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("entry", "excuse"),
    [
        (ErrorReply(401, "authentication_error"), "no longer accepts this server's key. Whoever runs"),
        (ErrorReply(403, "permission_error"), "give access to my language model. Whoever runs"),
        (ErrorReply(404, "not_found_error"), "name that this server uses. Whoever runs"),
        (ErrorReply(400, "invalid_request_error"), "rejected the request"),
    ],
)
def test_permanent_error_is_explained_without_a_retry(tell, provider, entry, excuse, caplog):
    provider.enqueue(entry)
    assert excuse in tell(MODEL_REQUEST).body
    assert (len(provider.requests), run_result()) == (1, (RunStatus.FAILED, StopReason.ERROR))
    assert "sk-" not in caplog.text + get_run().error


def test_run_over_the_time_limit_fails(tell, provider, settings):
    settings.PIXIE_RUN_SECONDS = 0.3
    provider.enqueue(Disconnect(seconds=1.5))
    assert "took too long" in tell(MODEL_REQUEST).body
    assert run_result() == (RunStatus.FAILED, StopReason.ERROR)


def test_failed_call_falls_back_to_local_understanding(tell, weekly, provider):
    provider.respond = lambda _body: ErrorReply(401, "authentication_error")
    answer = tell("tell me a joke")
    assert "?" in answer.body or "." in answer.body
    assert "key" not in answer.body
    run = get_run()
    assert (run_result(run), run.route) == ((RunStatus.COMPLETED, StopReason.ERROR), "local")
    assert [step.status for step in run.steps.all()] == [RunStatus.FAILED, RunStatus.COMPLETED]


def test_error_after_a_call_reports_the_call(tell, weekly, provider):
    provider.enqueue(Reply(calls=(Call("add_item", {"name": "cake"}),)), ErrorReply(401, "authentication_error"))
    answer = tell(MODEL_REQUEST)
    assert answer.body.startswith("Added Cake to Weekly shop")
    assert answer.metadata["receipt"]["lines"][0]["name"] == "Cake"
    assert run_result() == (RunStatus.COMPLETED, StopReason.ERROR)


def test_run_over_its_budget_ends(tell, pixie, weekly, provider):
    pixie.max_budget_usd = Decimal("0.03")
    pixie.save()
    provider.respond = lambda _body: Reply(calls=(Call("add_item", {"name": f"cake {len(provider.requests)}"}),))
    tell(MODEL_REQUEST)
    assert len(provider.requests) == 3  # 0.012 each, known after each call
    assert get_run().error == "run_budget: spent"


# Stop requests


def test_stop_request_ends_the_stream(tell, provider, monkeypatch):
    monkeypatch.setattr(llm_loop, "CHECK_SECONDS", 0.0)
    provider.enqueue(Reply("Once upon a time there was a home. " * 9, pieces=20, pause=0.02))
    real = lease.stop_requested
    checked_runs = []

    def request_stop(run):
        checked_runs.append(run)
        if len(checked_runs) == 8:
            Run.objects.update(stop_requested_at=timezone.now())
        return real(run)

    monkeypatch.setattr(lease, "stop_requested", request_stop)
    answer = tell(MODEL_REQUEST)
    assert run_result() == (RunStatus.CANCELLED, StopReason.CANCELLED)
    assert answer.state == MessageState.ABORTED
    assert len(answer.body) < 300


def test_stop_request_before_the_start_makes_no_call(nok, pixie, agent_chat, provider):
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    Run.objects.update(stop_requested_at=timezone.now())
    process_home(nok.home_id)
    assert run_result() == (RunStatus.CANCELLED, StopReason.CANCELLED)
    assert Message.objects.get(author_agent=pixie).body == "Stopped."
    assert provider.requests == []


# Leases and crashes


def test_worker_that_loses_its_lease_in_a_stream_writes_nothing(nok, pixie, agent_chat, weekly, provider, monkeypatch):
    monkeypatch.setattr(llm_loop, "CHECK_SECONDS", 0.0)
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    queue.process_home(nok.home_id)
    run = queue.claim_model_run(nok.home_id)
    real, checked_runs = lease.stop_requested, []

    def lose_lease(checked_run):
        checked_runs.append(checked_run)
        if len(checked_runs) == 3:
            Run.objects.update(lease_token="00000000-0000-0000-0000-000000000001")
        return real(checked_run)

    monkeypatch.setattr(lease, "stop_requested", lose_lease)
    provider.enqueue(Reply("Once upon a time there was a home. " * 9, pieces=20, pause=0.02))
    from pixie.runs import runner

    with pytest.raises(lease.LeaseLost):
        runner.perform(run)
    assert RunMessage.objects.count() == 0
    assert Event.objects.filter(type="chat_message").count() == 1


def test_lease_is_renewed_during_a_stream(nok, pixie, agent_chat, provider, monkeypatch):
    monkeypatch.setattr(llm_loop, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(llm_loop, "RENEW_SECONDS", 0.0)
    renewed, real = [], lease.renew_lease
    monkeypatch.setattr(lease, "renew_lease", lambda run: renewed.append(real(run)))
    provider.enqueue(Reply("Once upon a time. " * 9, pieces=20))
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    process_home(nok.home_id)
    assert len(renewed) > 3
    assert run_result() == (RunStatus.COMPLETED, StopReason.END_TURN)


TRACED_FILES = [llm_loop.__file__, tool_calls.__file__, prompt.__file__]


def crash_at_line(number):
    line_count = [0]

    def trace_line(frame, event, _argument):
        if event == "line":
            line_count[0] += 1
            if line_count[0] == number:
                raise WorkerDied
        return trace_line

    def calls(frame, _event, _argument):
        return trace_line if frame.f_code.co_filename in TRACED_FILES else None

    return calls


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in (1, 2, 3))])
def test_crash_of_a_worker_at_any_line_calls_each_tool_once(nok, weekly, agent_chat, provider, events, part):
    """Let each worker crash some lines later than the previous one. Finished calls are kept."""
    answers = [
        Reply("Let me see.", (Call("add_item", {"name": "balloons"}), Call("add_item", {"name": "cake"}))),
        Reply("I added balloons and cake."),
    ]
    provider.respond = lambda body: answers[min(1, len(body["messages"]) // 2)]
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    before = events(nok.home)
    prompt.tool_schemas()  # cached per process; computing it would take most of the lines
    for number in range(1 + 7 * part, 3000, 29):
        tracer, previous_tracer = crash_at_line(number), sys.gettrace()
        sys.settrace(tracer)
        try:
            with timezone.override("UTC"), translation.override("en"):
                process_home(nok.home_id)
        except WorkerDied:
            pass
        finally:
            sys.settrace(previous_tracer)
        if get_run().is_finished:
            break
        expire_leases()
        Run.objects.update(attempts=0)
    assert run_result() == (RunStatus.COMPLETED, StopReason.END_TURN)
    assert [str(entry) for entry in weekly.entries.order_by("created_at")] == ["Balloons (1 piece)", "Cake (1 piece)"]
    assert events(nok.home) == [*before, "list_item_added", "list_item_added", "chat_message"]
    assert RunStep.objects.filter(status=RunStatus.COMPLETED).count() == 2
    answer = Message.objects.get(author_agent__isnull=False)
    assert (own_words(answer), answer.state) == ("I added balloons and cake.", MessageState.COMPLETE)
    assert len(answer.metadata["receipt"]["events"]) == 2


def test_draft_for_a_removed_member_is_aborted(nok, ben, pixie, general, provider):
    message = send_message(general, f"Pixie, {MODEL_REQUEST}", by=by(ben))
    queue.enqueue_runs(pixie.home_id)
    start_draft(general, by=by(nok).as_agent(pixie), pk=answer_id(get_run()))
    remove_member(ben, by=by(nok))
    process_home(nok.home_id)
    answer = Message.objects.get(author_agent=pixie)
    assert (answer.state, answer.body, answer.channel_id) == (MessageState.ABORTED, "Stopped.", message.channel_id)
    assert provider.requests == []


def test_third_failure_reports_the_calls_already_made(nok, weekly, agent_chat, provider, monkeypatch):
    provider.respond = lambda body: Reply(calls=(Call("add_item", {"name": "cake"}),))
    monkeypatch.setattr(llm_loop, "_has_only_invalid_calls", lambda run: 1 / 0)
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    process_home(nok.home_id)
    answer = Message.objects.get(author_agent__isnull=False)
    assert answer.state == MessageState.COMPLETE
    assert answer.body.startswith("Added Cake to Weekly shop") and answer.body.endswith(
        "Sorry, I couldn't finish the rest."
    )
    assert answer.metadata["receipt"]["lines"][0]["name"] == "Cake"
    assert [str(entry) for entry in weekly.entries.all()] == ["Cake (1 piece)"]
