"""Runs with a language model: which messages it answers, tool calls and confirmations."""

import json
from decimal import Decimal

from chat.actions import open_assistant, send_message
from chat.models import MessageState
from pixie.actions import create_agent, write_block
from pixie.models import PendingAction, Run, RunStatus, StopReason
from pixie.runs import confirmations, tool_calls, undo
from tests.factories import by, names
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import (
    MODEL_REQUEST,
    NOTHING_DONE,
    NOTHING_ELSE,
    get_run,
    own_words,
    process_home,
    run_result,
    unchanged,
)

# Calls of the model


def test_locally_understood_message_makes_no_model_call(tell, weekly, provider):
    assert tell("We need eggs").body == "Added Eggs to Weekly shop, under Dairy."
    assert provider.requests == []
    assert get_run().route == "local"


def test_other_message_is_answered_by_the_model(tell, provider):
    provider.enqueue(Reply("Balloons, perhaps."))
    answer = tell(MODEL_REQUEST)
    assert (answer.body, answer.state) == (unchanged("Balloons, perhaps."), MessageState.COMPLETE)
    run = get_run()
    assert run_result(run) == (RunStatus.COMPLETED, StopReason.END_TURN)
    assert (run.route, run.input_tokens, run.output_tokens, run.cost_usd) == ("tiny", 100, 20, Decimal("0.012"))
    assert (answer.input_tokens, answer.output_tokens) == (100, 20)
    step = run.steps.get()
    assert (step.model, step.status, step.cost_usd) == ("tiny", RunStatus.COMPLETED, Decimal("0.012"))
    assert [message.message_type for message in run.messages.all()] == ["user_message", "assistant_message"]


def test_message_without_a_key_is_answered_locally(tell, settings, provider):
    settings.ANTHROPIC_API_KEY = ""
    assert "Sorry, I didn't understand that." in tell(MODEL_REQUEST).body
    assert provider.requests == []


def test_model_of_the_agent_is_used(tell, pixie, provider):
    pixie.model = "wise"
    pixie.save()
    tell(MODEL_REQUEST)
    assert provider.requests[0]["model"] == "wise"
    assert get_run().cost_usd == 0  # it has no price


def test_agent_uses_its_own_settings_and_memory(nok, pixie, tell, provider):
    """Check name, instructions, model, memory and limits."""
    chef = create_agent(
        "Chef", by=by(nok), system_prompt="We like it spicy.", model="wise", max_turns=1, max_budget_usd=Decimal(1)
    )
    write_block(pixie, "household", "Two cats", by=by(nok))
    write_block(chef, "household", "A gas stove", by=by(nok))
    provider.respond = lambda _body: Reply(calls=(Call("list_items", {}),))
    tell(MODEL_REQUEST, where=open_assistant(chef, by=by(nok)))
    (request,) = provider.requests
    request_text = json.dumps(request)
    assert request["model"] == "wise"
    assert "You are Chef" in request_text and "We like it spicy." in request_text and "A gas stove" in request_text
    assert "Two cats" not in request_text
    assert get_run().stop_reason == StopReason.MAX_STEPS


def test_request_to_two_agents_is_done_once(nok, pixie, general, weekly, provider):
    create_agent("Chef", by=by(nok))
    provider.respond = lambda body: (
        Reply("It is on the list.")
        if "tool_result" in json.dumps(body)
        else Reply(calls=(Call("add_item", {"name": "cake"}),))
    )
    send_message(general, f"@chef @pixie {MODEL_REQUEST}", by=by(nok))
    assert process_home(nok.home_id) == 2
    assert [str(entry) for entry in weekly.entries.all()] == ["Cake (1 piece)"]
    assert [run.stop_reason for run in Run.objects.all()] == [StopReason.END_TURN] * 2


def test_only_the_finished_answer_is_logged(nok, tell, provider, events):
    provider.enqueue(Reply(calls=(Call("list_items"),)), Reply("Nothing is on the list."))
    tell(MODEL_REQUEST)
    assert events(nok.home) == ["chat_message", "chat_message"]


def test_answer_in_a_thread_stays_in_the_thread(nok, general, tell, provider):
    root = send_message(general, "The party", by=by(nok))
    answer = tell(f"Pixie, {MODEL_REQUEST}", where=general, parent=root)
    assert answer.parent_id == root.pk


# Tools


def test_tool_call_changes_the_list_and_has_a_receipt(nok, pixie, tell, weekly, provider, events):
    provider.enqueue(
        Reply("Let me write it down.", (Call("add_item", {"name": "balloons", "quantity": "12"}),)),
        Reply("I added 12 balloons to Weekly shop."),
    )
    answer = tell(MODEL_REQUEST)
    note = f"Added Balloons to Weekly shop, under Other. {NOTHING_ELSE}"
    assert answer.body == f"I added 12 balloons to Weekly shop.\n\n{note}"
    assert [str(entry) for entry in weekly.entries.all()] == ["Balloons (12 piece)"]
    added = events.of(nok.home)[1]
    assert (added.type, added.actor_user, added.actor_agent, added.origin) == (
        "list_item_added",
        nok.user,
        pixie,
        "agent",
    )
    assert answer.metadata["receipt"]["events"] == [added.seq]
    assert answer.metadata["actions"] == [{"type": "add_item", "payload": {"name": "balloons", "quantity": "12"}}]
    assert answer.metadata["intent"] == "add_item"
    result = provider.requests[1]["messages"][-1]["content"][0]
    assert (result["type"], result["is_error"]) == ("tool_result", False)
    assert '"done": true' in result["content"]


def test_undo_reverts_all_calls_of_an_answer(nok, tell, weekly, provider):
    calls = (Call("add_item", {"name": "balloons"}), Call("add_item", {"name": "cake"}))
    provider.enqueue(Reply(calls=calls), Reply("Both are on the list."))
    answer = tell(MODEL_REQUEST)
    assert names(weekly.entries.pending()) == ["Balloons", "Cake"]
    undo.undo_message(answer, by=by(nok))
    assert names(weekly.entries.pending()) == []


def test_refusal_of_a_tool_is_returned_to_the_model(tell, weekly, provider):
    provider.enqueue(Reply(calls=(Call("remove_item", {"name": "sofa"}),)), Reply("There is no sofa on the list."))
    answer = tell(MODEL_REQUEST)
    assert "Sofa is not on the list." in provider.requests[1]["messages"][-1]["content"][0]["content"]
    assert (answer.body, answer.metadata["receipt"]) == (unchanged("There is no sofa on the list."), None)


def test_exception_of_a_tool_is_hidden_from_the_model(tell, weekly, provider, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(tool_calls, "make_call", fail)
    provider.enqueue(Reply(calls=(Call("list_items"),)), Reply("I could not look."))
    answer = tell(MODEL_REQUEST)
    assert own_words(answer) == "I could not look."
    assert answer.metadata["note"] == f"Something went wrong, so I didn't do that. {NOTHING_DONE}"
    assert "hunter2" not in str(provider.requests)
    caplog.clear()


def test_invalid_calls_can_be_corrected(tell, weekly, provider):
    provider.enqueue(
        Reply(calls=(Call("launch_rocket"), Call("add_item", {"name": ""}))),
        Reply(calls=(Call("add_item", {"name": "cake"}),)),
        Reply("Cake is on the list now."),
    )
    assert own_words(tell(MODEL_REQUEST)) == "Cake is on the list now."
    first = provider.requests[1]["messages"][-1]["content"]
    assert [block["is_error"] for block in first] == [True, True]
    assert "There is no tool" in first[0]["content"]


def test_repeated_invalid_calls_fail_the_run(tell, provider):
    provider.respond = lambda _body: Reply(calls=(Call("launch_rocket"),))
    answer = tell(MODEL_REQUEST)
    assert run_result() == (RunStatus.FAILED, StopReason.INVALID_TOOL_CALL)
    assert (answer.body, answer.state) == (
        "I don't have an answer to that. Try asking in other words.",
        MessageState.ERROR,
    )
    assert len(provider.requests) == 2


def test_steps_are_limited_by_the_agent(tell, pixie, weekly, provider):
    pixie.max_turns = 3
    pixie.save()
    provider.respond = lambda _body: Reply(calls=(Call("add_item", {"name": f"cake {len(provider.requests)}"}),))
    answer = tell(MODEL_REQUEST)
    assert len(provider.requests) == 3
    assert get_run().stop_reason == StopReason.MAX_STEPS
    assert answer.body == (
        "All 3 are on Weekly shop, under Other. The answer took too many steps, so I stopped. "
        "Ask me for a smaller part of it."
    )
    assert [str(entry) for entry in weekly.entries.all()] == [f"Cake {number} (1 piece)" for number in (1, 2, 3)]


# Confirmations


def test_unusual_amount_needs_confirmation(nok, tell, weekly, eggs, provider):
    provider.enqueue(Reply(calls=(Call("add_item", {"name": "eggs", "quantity": "500"}),)), Reply("never asked"))
    answer = tell(MODEL_REQUEST)
    assert answer.body == "Eggs, 500: that is a lot. You buy 6. Did you mean it?"
    assert (answer.metadata["question"], answer.metadata["requires_confirmation"]) == ("waiting", True)
    assert len(provider.requests) == 1
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (6 piece)"]
    result = confirmations.decide(answer, yes=True, by=by(nok))
    assert result.body == "Eggs: now 506, on Weekly shop."


def test_unrequested_removal_needs_confirmation(tell, weekly, milk, eggs, provider):
    provider.enqueue(Reply(calls=(Call("remove_item", {"name": "milk"}), Call("add_item", {"name": "cake"}))))
    answer = tell(MODEL_REQUEST)
    assert names(weekly.entries.pending()) == ["Cake", "Eggs", "Milk"]
    assert "Did you mean: take milk off the list?" in answer.body
    provider.enqueue(Reply(calls=(Call("remove_item", {"name": "milk"}),)), Reply("Milk is off the list."))
    tell("remove the milk. Could you think of something for the party, whatever you like", route="model")
    assert names(weekly.entries.pending()) == ["Cake", "Eggs"]
    assert PendingAction.objects.get().state == "expired"
