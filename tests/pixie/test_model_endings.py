"""Every ending of a model's message, with both protocols: what is done then, and what the person is told."""

import json
from decimal import Decimal

import pytest

from chat.models import Message, MessageState
from groceries.models import ListEntry
from pixie.llm import FinishReason, ModelError, ModelReply, ModelRequest, Turn
from pixie.models import RunStatus, RunStep, StopReason
from pixie.runs import lease, llm_loop
from tests.factories import names
from tests.pixie import providers
from tests.pixie.providers import Call, Disconnect, ErrorReply, Reply
from tests.pixie.runs import MODEL_REQUEST, NOTHING_DONE, NOTHING_ELSE, get_run, own_words, run_result, unchanged

CUT_ARGUMENTS = ['{"name": "Rice noodles", "quantity": 1', '{"name": "Rice noo', "[1]", '{"quantity": NaN}']
UNUSABLE_ARGUMENTS = ['{"quantity": 1e999}', '{"quantity": -1e999}', r'{"name": "Rice \ud800"}', r'{"\udfff": 1}']
NOTE = "The note of Rice noodles is “the wide ones”."
NOODLES = Call("add_item", {"name": "Rice noodles", "quantity": "12", "note": "the wide ones"})

# In the protocol


def read(model):
    request = ModelRequest("a-model", "Be kind.", "", (Turn("Hello"),))
    try:
        return list(model.stream(request, 5.0))[-1]
    except ModelError as error:
        return error


def stop_of(server, anthropic, compatible):
    return anthropic if isinstance(server, providers.Anthropic) else compatible


@pytest.mark.parametrize("reply", [Reply("Fried rice with"), Reply(calls=(NOODLES,)), Reply("So.", (NOODLES,) * 2)])
def test_stream_that_ends_at_any_event_is_no_reply(wire, reply):
    """Cut the stream after each of its events, with a regular end of the HTTP response."""
    server, model = wire
    full = sum(1 for _event in server.events({"model": "a-model"}, reply))
    ending = {"message_stop"} if isinstance(server, providers.Anthropic) else {"finish", "usage", "done"}
    end = next(n for n, (name, _event) in enumerate(server.events({"model": "a-model"}, reply)) if name in ending)
    for count in range(full + 1):
        server.enqueue(Reply(reply.text, reply.calls, ends_after=count))
        result = read(model)
        assert isinstance(result, ModelReply if count > end else ModelError), count
        assert count > end or result.is_retryable


@pytest.mark.parametrize("skipped", ["content_block_stop", "message_delta", "message_stop", "finish"])
@pytest.mark.parametrize("reply", [Reply("Fried rice"), Reply(calls=(NOODLES,))])
def test_stream_without_one_of_its_ends_is_no_reply(wire, skipped, reply):
    server, model = wire
    if skipped not in {name for name, _event in server.events({"model": "a-model"}, reply)}:
        pytest.skip("not of this protocol")
    server.enqueue(Reply(reply.text, reply.calls, skip=(skipped,)))
    assert isinstance(read(model), ModelError)


@pytest.mark.parametrize(
    ("anthropic", "compatible"), [("end_turn", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls")]
)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_call_that_goes_on_after_the_end_is_no_reply(wire, anthropic, compatible, count):
    """Send an end before the call, or after one or two of its events, and the announcing end where it belongs."""
    server, model = wire
    body, stop = {"model": "a-model"}, stop_of(server, anthropic, compatible)
    end = next(text for name, text in server.events(body, Reply(stop=stop)) if name in {"message_delta", "finish"})
    events = [text for _name, text in server.events(body, Reply("So.", (NOODLES,)))]
    call_start = next(n for n, text in enumerate(events) if "add_item" in text)
    events.insert(call_start + count, end)
    server.enqueue(ErrorReply(200, body="".join(events)))
    assert isinstance(read(model), ModelError)


@pytest.mark.parametrize("raw", CUT_ARGUMENTS + UNUSABLE_ARGUMENTS)
def test_call_without_a_complete_object_has_no_arguments(wire, raw):
    server, model = wire
    server.enqueue(Reply(calls=(Call("add_item", raw_arguments=raw),)))
    reply = read(model)
    assert isinstance(reply, ModelError) or [call.arguments for call in reply.calls] == [None]


@pytest.mark.parametrize(
    "reply",
    [Reply("Rice \ud800"), Reply(calls=(Call("add_\udfff"),)), Reply(calls=(NOODLES,), ids=("\ud800",))],
    ids=["text", "name", "id"],
)
def test_lone_surrogate_is_unreadable(wire, reply):
    server, model = wire
    server.enqueue(reply)
    assert isinstance(read(model), ModelError)


@pytest.mark.parametrize("ids", [("a", "a", "a"), ("", "", ""), ("x" * 300, "x" * 300, "b")])
def test_calls_get_ids_of_their_own(wire, ids):
    server, model = wire
    server.enqueue(Reply(calls=(NOODLES,) * 3, ids=ids))
    reply = read(model)
    own = [call.id for call in reply.calls]
    assert len(set(own)) == 3 and all(0 < len(each) <= 80 for each in own)
    assert reply.raw is None or [block["id"] for block in reply.raw] == own


@pytest.mark.parametrize(
    ("anthropic", "compatible"),
    [("end_turn", "stop"), ("max_tokens", "length"), ("refusal", "content_filter"), ("pause_turn", "function_call"),
     ("stop_sequence", "stop"), ("model_context_window_exceeded", "length"), ("brand_new", "brand_new")],
)  # fmt: skip
def test_only_a_call_ending_has_the_finish_reason_of_calls(wire, anthropic, compatible):
    server, model = wire
    server.enqueue(Reply(calls=(NOODLES,), stop=stop_of(server, anthropic, compatible)))
    assert read(model).finish_reason != FinishReason.CALLS


def test_unknown_ending_of_a_text_is_a_truncation(wire):
    server, model = wire
    for stop in ("brand_new", stop_of(server, "pause_turn", "error")):
        server.enqueue(Reply("Let me look for that.", stop=stop))
        assert read(model).finish_reason == FinishReason.TRUNCATED


def test_announced_calls_that_are_missing_are_unreadable(wire):
    server, model = wire
    server.enqueue(Reply("So.", stop=stop_of(server, "tool_use", "tool_calls")))
    assert isinstance(read(model), ModelError)


# In a run


@pytest.mark.parametrize("raw", UNUSABLE_ARGUMENTS)
def test_call_with_unusable_arguments_is_not_made_and_the_answer_goes_on(tell, weekly, any_provider, raw):
    any_provider.enqueue(Reply(calls=(Call("add_item", raw_arguments=raw),)), Reply("I could not add it."))
    answer = tell(MODEL_REQUEST)
    assert not ListEntry.objects.exists()
    assert own_words(answer) == "I could not add it."


@pytest.mark.parametrize(
    ("anthropic", "compatible"), [("end_turn", "stop"), ("max_tokens", "length"), ("brand_new", "brand_new")]
)
@pytest.mark.parametrize("count", [1, 3])
def test_calls_of_a_message_that_did_not_end_with_them_are_refused(
    tell, weekly, any_provider, anthropic, compatible, count
):
    stop = stop_of(any_provider, anthropic, compatible)
    any_provider.enqueue(Reply(calls=(NOODLES,) * count, stop=stop), Reply("They are on the list."))
    answer = tell(MODEL_REQUEST)
    assert not ListEntry.objects.exists()
    assert answer.metadata["note"] == (
        f"My language model was cut off while it told me what to do, so I did none of it. {NOTHING_DONE}"
    )
    assert answer.metadata["actions"] == []
    assert len(tool_results(any_provider.requests[-1])) == count
    assert all("none of its calls was made" in result for result in tool_results(any_provider.requests[-1]))


def tool_results(body):
    """Return the texts of the results that the request sends back."""
    texts = [message["content"] for message in body["messages"] if message["role"] == "tool"]
    for message in body["messages"]:
        if isinstance(message["content"], list):
            texts += [block["content"] for block in message["content"] if block["type"] == "tool_result"]
    return texts


def test_calls_of_a_message_that_ended_with_them_are_made(tell, weekly, any_provider):
    any_provider.enqueue(Reply("So.", (NOODLES,)), Reply("They are on the list."))
    answer = tell(MODEL_REQUEST)
    assert [str(entry) for entry in ListEntry.objects.all()] == ["Rice noodles (12 piece)"]
    assert ListEntry.objects.get().note == "the wide ones"
    assert answer.metadata["note"] == f"Added Rice noodles to Weekly shop, under Staple. {NOTE} {NOTHING_ELSE}"


@pytest.mark.parametrize("calls", [(), (NOODLES,)])
def test_cut_stream_is_retried_and_then_told(tell, weekly, any_provider, calls):
    end = "message_stop" if isinstance(any_provider, providers.Anthropic) else "finish"
    any_provider.respond = lambda _body: Reply("Fried rice with prawns and lime, ser", calls, skip=(end,))
    answer = tell(MODEL_REQUEST)
    assert len(any_provider.requests) == llm_loop.MAX_ATTEMPTS
    assert (answer.state, "Fried rice" in answer.body) == (MessageState.ERROR, False)
    assert answer.body.startswith("I lost the connection to my language model.")
    assert not ListEntry.objects.exists()


def test_cut_stream_that_is_retried_does_each_call_once(tell, weekly, any_provider):
    end = "message_stop" if isinstance(any_provider, providers.Anthropic) else "finish"
    any_provider.enqueue(Reply(calls=(NOODLES,), skip=(end,)), Reply(calls=(NOODLES,)), Reply("Done."))
    tell(MODEL_REQUEST)
    assert [str(entry) for entry in ListEntry.objects.all()] == ["Rice noodles (12 piece)"]


def test_text_cut_by_the_model_says_so(tell, any_provider):
    any_provider.enqueue(Reply("Once upon a", stop=stop_of(any_provider, "max_tokens", "length")))
    assert tell(MODEL_REQUEST).body == f"{unchanged('Once upon a …')} The answer was too long and was cut off."
    assert run_result() == (RunStatus.COMPLETED, StopReason.MAX_TOKENS)


def test_answer_cut_before_any_text_says_so(tell, any_provider):
    any_provider.enqueue(Reply("<think>Hm, let me", stop=stop_of(any_provider, "max_tokens", "length")))
    answer = tell(MODEL_REQUEST)
    assert (answer.body, answer.state) == ("The answer was too long and was cut off.", MessageState.ERROR)
    assert run_result() == (RunStatus.FAILED, StopReason.MAX_TOKENS)


def test_calls_of_a_refusal_are_not_made(tell, weekly, any_provider):
    any_provider.enqueue(Reply(calls=(NOODLES,), stop=stop_of(any_provider, "refusal", "content_filter")))
    assert tell(MODEL_REQUEST).body.startswith("I'd rather not answer that.")
    assert not ListEntry.objects.exists()


def test_answer_longer_than_a_message_is_cut_and_says_so(tell, any_provider):
    any_provider.enqueue(Reply("rice " * 2000, pieces=1000))
    answer = tell(MODEL_REQUEST)
    assert len(answer.body) <= Message.MAX_LENGTH
    assert own_words(answer).endswith("rice…")
    assert answer.body.endswith(f"{NOTHING_DONE} The answer had more than 4,000 characters and was cut off.")


# Too many calls, and calls that go wrong


@pytest.mark.parametrize("count", [llm_loop.MAX_CALLS + 1, 25, 60])
def test_too_many_calls_of_a_message_are_all_refused(tell, weekly, any_provider, count):
    calls = tuple(Call("add_item", {"name": f"cake {number}"}) for number in range(count))
    any_provider.enqueue(Reply(calls=calls), Reply("I added them."))
    answer = tell(MODEL_REQUEST)
    assert not ListEntry.objects.exists()
    assert len(tool_results(any_provider.requests[-1])) == count
    assert all(f"{count} calls are too many" in result for result in tool_results(any_provider.requests[-1]))
    assert answer.metadata["note"] == (
        f"{count} things at once are too many, so I did none of them. I can do 20. {NOTHING_DONE}"
    )


def test_refused_calls_that_are_made_later_are_not_reported_as_refused(tell, weekly, any_provider):
    calls = tuple(Call("add_item", {"name": f"cake {number}"}) for number in range(25))
    any_provider.enqueue(Reply(calls=calls), Reply(calls=calls[:2]), Reply("Two of them are on the list."))
    answer = tell(MODEL_REQUEST)
    assert answer.metadata["note"] == f"Both are on Weekly shop, under Other. {NOTHING_ELSE}"


def test_too_many_calls_twice_end_the_run(tell, weekly, any_provider):
    calls = tuple(Call("add_item", {"name": f"cake {number}"}) for number in range(25))
    any_provider.respond = lambda _body: Reply(calls=calls)
    assert "25 things at once are too many" in tell(MODEL_REQUEST).body
    assert (len(any_provider.requests), get_run().stop_reason) == (2, StopReason.INVALID_TOOL_CALL)


def test_calls_with_one_id_are_both_made(tell, weekly, any_provider):
    calls = (Call("add_item", {"name": "cake"}), Call("add_item", {"name": "balloons"}))
    any_provider.enqueue(Reply(calls=calls, ids=("same", "same")), Reply("Both."))
    tell(MODEL_REQUEST)
    assert names(ListEntry.objects.pending()) == ["Balloons", "Cake"]
    assert get_run().attempts == 1


@pytest.mark.parametrize(
    ("call", "detail"),
    [
        (Call("add_item", {"nam": "x"}), "name: Field required"),
        (Call("add_item", {"name": "x", "quantity": "lots"}), "quantity: Enter the quantity as a number"),
        (Call("mark_purchased", {"name": "x", "price": -3}), "price: Enter the price as a number"),
        (Call("mark_purchased", {"name": "x", "price": "1.234"}), "price: Enter the price as a number"),
        (Call("set_recurring", {"name": "x", "frequency": "yearly"}), "frequency: Input should be"),
        (Call("remember", {"content": "x", "tags": [1]}), "tags.0: Input should be a valid string"),
        (Call("schedule_message", {"prompt": "x", "at": "soon"}), "at: Input should be a valid datetime"),
        (Call("add_item", {"name": "x", "colour": 3}), '"ignored_arguments": ["colour"]'),
    ],
)
def test_refusal_names_the_field_to_the_model(tell, weekly, any_provider, call, detail):
    any_provider.enqueue(Reply(calls=(call,)), Reply("Well."))
    tell(MODEL_REQUEST)
    (result,) = tool_results(any_provider.requests[-1])
    assert detail in result


# Runs that end early


def test_steps_over_the_limit_are_told_instead_of_what_was_read(tell, pixie, weekly, milk, any_provider):
    pixie.max_turns = 2
    pixie.save()
    any_provider.respond = lambda _body: Reply(calls=(Call("list_items"),))
    answer = tell(MODEL_REQUEST)
    assert answer.body == "The answer took too many steps, so I stopped. Ask me for a smaller part of it."
    assert (answer.state, get_run().stop_reason) == (MessageState.ERROR, StopReason.MAX_STEPS)


def test_answer_over_its_budget_says_so(tell, pixie, weekly, milk, any_provider):
    pixie.max_budget_usd = Decimal("0.02")
    pixie.save()
    any_provider.respond = lambda _body: Reply(
        calls=(Call("budget_query"), Call("add_item", {"name": f"cake {len(any_provider.requests)}"}))
    )
    answer = tell(MODEL_REQUEST)
    assert answer.body.endswith("That would cost more than one answer may. Ask me for a smaller part of it.")
    assert answer.body.startswith("Both are on Weekly shop") and "spent" not in answer.body


NO_CREDIT = [
    ErrorReply(400, body=json.dumps({"type": "error", "error": {
        "type": "invalid_request_error",
        "message": "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."}})),
    ErrorReply(400, body=json.dumps({"type": "error", "error": {
        "type": "invalid_request_error", "message": "You have reached your specified API usage limits."}})),
    ErrorReply(402, body=json.dumps({"error": {"message": "Insufficient Balance", "code": "invalid_request_error"}})),
    ErrorReply(402, "billing_error"),
    ErrorReply(403, body=json.dumps({"error": "Your team has used all available credits."})),
    ErrorReply(429, "insufficient_quota"),
]  # fmt: skip


@pytest.mark.parametrize("entry", NO_CREDIT[:-1])
def test_exhausted_credit_is_told(tell, any_provider, entry):
    any_provider.enqueue(entry)
    assert "has run out of credit. Whoever runs the server can top it up." in tell(MODEL_REQUEST).body
    assert len(any_provider.requests) == 1


@pytest.mark.parametrize("message", ["messages: text content blocks must be non-empty", "prompt is too long"])
def test_other_invalid_request_is_no_lack_of_credit(wire, message):
    server, model = wire
    server.enqueue(ErrorReply(400, body=json.dumps({"error": {"type": "invalid_request_error", "message": message}})))
    assert read(model).kind == "invalid"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_error_with_the_servers_key_names_who_can_mend_it(nok, tell, pixie, provider, status, caplog):
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
    provider.enqueue(*[ErrorReply(status, kinds[status])] * 2)
    answer = tell(MODEL_REQUEST)
    assert "Whoever runs the server" in answer.body and "owner" not in answer.body
    assert [record.levelname for record in caplog.records if "gave no answer" in record.message] == ["ERROR"]
    pixie.model = "a-model-that-the-owner-chose"
    pixie.save()
    answer = tell(MODEL_REQUEST)
    assert ("An owner can" in answer.body) == (status != 401)


# What attempts cost


def test_broken_attempts_are_metered(tell, any_provider):
    end = "message_stop" if isinstance(any_provider, providers.Anthropic) else "finish"
    any_provider.enqueue(
        Reply("Fried rice " * 8, skip=(end,), tokens=(50_000, 0, 0, 20)),
        Reply("Fried rice " * 8, cut_after=4, tokens=(50_000, 0, 0, 20)),
        ErrorReply(529),
        Reply("Balloons.", tokens=(1_000, 0, 0, 20)),
    )
    tell(MODEL_REQUEST)
    run = get_run()
    counted = 50_000 if isinstance(any_provider, providers.Anthropic) else 200  # those of the other are estimated
    assert run.input_tokens >= 1_000 + 2 * counted
    assert run.output_tokens > 20 + 20
    assert run.cost_usd == run.steps.get().cost_usd == (run.input_tokens + run.output_tokens) * Decimal("0.0001")


def test_failed_run_is_metered(tell, any_provider):
    any_provider.respond = lambda _body: Reply("Fried rice " * 8, cut_after=4, tokens=(10_000, 0, 0, 20))
    tell(MODEL_REQUEST)
    step = RunStep.objects.get()
    assert step.status == RunStatus.FAILED
    assert step.input_tokens > 4 * 200 and step.output_tokens > 0 and step.cost_usd > 0
    assert get_run().cost_usd == step.cost_usd


def test_attempt_that_never_began_costs_nothing(tell, any_provider):
    any_provider.respond = lambda _body: Disconnect()
    tell(MODEL_REQUEST)
    assert (get_run().input_tokens, get_run().cost_usd) == (0, 0)


def test_stopped_answer_is_metered_says_so_and_leaves_no_running_step(tell, any_provider, monkeypatch):
    monkeypatch.setattr(llm_loop, "CHECK_SECONDS", 0.0)
    story = "Once upon a time there was a home. " * 40
    any_provider.enqueue(Reply(story, pieces=20, pause=0.02, tokens=(900, 0, 0, 5)))
    checks = []
    monkeypatch.setattr(lease, "stop_requested", lambda run: checks.append(run) or len(checks) > 12)
    answer = tell(MODEL_REQUEST)
    assert (answer.state, own_words(answer)[:9]) == (MessageState.ABORTED, "Once upon")
    assert answer.body.endswith(f"{NOTHING_DONE} Stopped before it was finished.")
    step = RunStep.objects.get()
    assert (step.status, step.completed_at is None) == (RunStatus.CANCELLED, False)
    assert step.input_tokens >= 200 and step.output_tokens > 0 and get_run().cost_usd == step.cost_usd > 0


def test_run_that_fails_for_good_leaves_no_running_step_and_keeps_its_costs(nok, pixie, tell, provider, monkeypatch):
    provider.respond = lambda _body: Reply(calls=(Call("add_item", {"name": "cake"}),))
    monkeypatch.setattr(llm_loop, "_make_calls", lambda *_args: 1 / 0)
    tell(MODEL_REQUEST)
    run = get_run()
    assert run.status == RunStatus.FAILED and run.cost_usd == Decimal("0.012")
    run.steps.update(status=RunStatus.RUNNING)
    run.status, run.lease_token = RunStatus.RUNNING, None
    lease.finish_run(run, RunStatus.FAILED, StopReason.ERROR)
    assert [step.status for step in run.steps.all()] == [RunStatus.FAILED]


# Thoughts

THOUGHTS = [
    "<think>Nok is nosy.</think>Fried rice.",
    "Nok is nosy.</think>\n\nFried rice.",
    "<THINK>Nok <b>is</b> nosy.</THINK> Fried rice.",
    "<thinking>\nNok is nosy.\n</thinking>\nFried rice.",
    "<think>Nok <think>is</think> nosy.</think>Fried rice.",
    "[THINK]Nok is nosy.[/THINK]Fried rice.",
    "◁think▷Nok is nosy.◁/think▷Fried rice.",
    "<|channel|>analysis<|message|>Nok is nosy.<|end|><|start|>assistant<|channel|>final<|message|>Fried rice.",
    "Fried rice.<think>Nok is nosy.",
    'Fried rice.<tool_call>{"name": "Nok is nosy."}</tool_call>',
]


@pytest.mark.parametrize("text", THOUGHTS)
def test_thoughts_are_not_shown_or_kept(tell, any_provider, text):
    any_provider.enqueue(Reply(text, pieces=3))
    assert tell(MODEL_REQUEST).body == unchanged("Fried rice.")
    assert "nosy" not in str(list(get_run().messages.values_list("content", flat=True)))


def test_thoughts_alone_are_no_answer(tell, any_provider):
    any_provider.enqueue(Reply("<think>Nok is nosy.</think>"))
    answer = tell(MODEL_REQUEST)
    assert (answer.state, "nosy" in answer.body) == (MessageState.ERROR, False)
    assert get_run().stop_reason == StopReason.NO_TOOL_CALL


def test_thoughts_are_not_streamed(tell, any_provider, monkeypatch):
    from pantry import broadcast
    from pixie.runs import draft

    monkeypatch.setattr(draft, "FRAME_SECONDS", 0.0)
    frames = []
    monkeypatch.setattr(broadcast, "send_transient", lambda _home, frame, **_more: frames.append(frame["text"]))
    any_provider.enqueue(Reply("<think>Nok is nosy, so nosy.</think>Fried rice and lime.", pieces=3, pause=0.01))
    tell(MODEL_REQUEST)
    assert "nosy" not in "".join(frames) and "Nok" not in "".join(frames)
