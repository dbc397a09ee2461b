"""Protocols of the language model providers: requests, responses and errors."""

import json
import logging
import sys
from contextlib import closing

import pytest

from pixie.llm import (
    ErrorKind,
    FinishReason,
    ModelError,
    ModelReply,
    ModelRequest,
    ToolCall,
    ToolResult,
    ToolSchema,
    Turn,
    Usage,
)
from pixie.llm.anthropic import Anthropic
from pixie.llm.compatible import Compatible
from tests.pixie import providers
from tests.pixie.providers import Call, Disconnect, ErrorReply, Reply
from tests.services import free_port

KEY = "sk-very-secret-7777"
TOOL = ToolSchema("add_item", "Add something", {"type": "object", "properties": {"name": {"type": "string"}}})


@pytest.fixture(params=["anthropic", "compatible"])
def wire(request):
    """A server and a model client, `(server, model)`, for each protocol."""
    server = providers.Anthropic() if request.param == "anthropic" else providers.OpenAI()
    with server:
        model = Anthropic(KEY, server.url) if request.param == "anthropic" else Compatible(KEY, server.url)
        with closing(model):
            yield server, model


def build_request(*turns, **options):
    return ModelRequest("a-model", "Be kind.", "It is Monday.", turns or (Turn("Hello"),), (TOOL,), **options)


def get_reply(model, *turns, seconds=5.0, **options):
    *pieces, reply = list(model.stream(build_request(*turns, **options), seconds))
    assert isinstance(reply, ModelReply)
    return pieces, reply


def get_error(model, seconds=5.0):
    with pytest.raises(ModelError) as error:
        get_reply(model, seconds=seconds)
    return error.value


def test_text_is_streamed_and_returned_completely(wire):
    server, model = wire
    server.enqueue(Reply("There are eggs, and milk.", pieces=5, tokens=(90, 0, 10, 7)))
    pieces, reply = get_reply(model)
    assert (len(pieces), "".join(pieces), reply.text) == (5, "There are eggs, and milk.", "There are eggs, and milk.")
    assert (reply.finish_reason, reply.calls, reply.usage) == (FinishReason.COMPLETE, (), Usage(90, 0, 10, 7))
    assert reply.usage.input == 100


def test_tool_calls_are_parsed(wire):
    server, model = wire
    server.enqueue(Reply("Let me see.", (Call("add_item", {"name": "ไข่"}), Call("list_items"))))
    _pieces, reply = get_reply(model)
    assert reply.finish_reason == FinishReason.CALLS
    assert [(call.name, call.arguments) for call in reply.calls] == [("add_item", {"name": "ไข่"}), ("list_items", {})]
    assert len({call.id for call in reply.calls}) == 2


def test_key_is_sent_but_not_logged(wire, caplog):
    server, model = wire
    server.key = KEY
    with caplog.at_level(logging.DEBUG):
        get_reply(model)
        server.key = "another"
        wrong = get_error(model)
    assert wrong.kind == ErrorKind.WRONG_KEY
    assert KEY not in f"{caplog.text} {wrong} {wrong!r}"


def test_request_contains_the_whole_conversation(wire):
    server, model = wire
    turns = (
        Turn("We need eggs"),
        Turn("Let me see.", is_model=True, calls=(ToolCall("c1", "add_item", {"name": "eggs"}),)),
        Turn("Be honest.", tool_results=(ToolResult("c1", "no", failed=True),)),
    )
    get_reply(model, *turns)
    body = server.requests[0]
    if isinstance(server, providers.Anthropic):
        assert [block["text"] for block in body["system"]] == ["Be kind.", "It is Monday."]
        assert body["system"][0]["cache_control"] == body["tools"][-1]["cache_control"] == {"type": "ephemeral"}
        first, reply_message, back = body["messages"]
        assert [block["type"] for block in reply_message["content"]] == ["text", "tool_use"]
        assert [block["type"] for block in back["content"]] == ["tool_result", "text"]
        assert (back["content"][0]["tool_use_id"], back["content"][0]["is_error"]) == ("c1", True)
        assert "thread" not in body
    else:
        system, first, reply_message, tool, back = body["messages"]
        assert system["content"] == "Be kind.\n\nIt is Monday."
        assert reply_message["tool_calls"][0]["function"] == {"name": "add_item", "arguments": '{"name": "eggs"}'}
        assert (tool["role"], tool["tool_call_id"], back["content"]) == ("tool", "c1", "Be honest.")
        assert body["stream_options"] == {"include_usage": True}
    assert (first["role"], reply_message["role"]) == ("user", "assistant")


def test_reply_is_sent_back_unchanged():
    with providers.Anthropic() as server, closing(Anthropic(KEY, server.url)) as model:
        server.enqueue(Reply("Let me see.", (Call("list_items"),)))
        _pieces, reply = get_reply(model)
        back = Turn(reply.text, is_model=True, calls=reply.calls, raw=reply.raw)
        get_reply(model, Turn("Hello"), back, Turn(tool_results=(ToolResult(reply.calls[0].id, "eggs"),)))
        text, call = server.requests[1]["messages"][1]["content"]
        assert (text["text"], call["name"], call["id"]) == ("Let me see.", "list_items", reply.calls[0].id)


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (401, "authentication_error", ErrorKind.WRONG_KEY),
        (403, "permission_error", ErrorKind.NOT_ALLOWED),
        (404, "not_found_error", ErrorKind.NO_MODEL),
        (400, "invalid_request_error", ErrorKind.INVALID),
        (413, "request_too_large", ErrorKind.INVALID),
        (429, "rate_limit_error", ErrorKind.BUSY),
        (500, "api_error", ErrorKind.BUSY),
        (503, "unavailable", ErrorKind.BUSY),
        (529, "overloaded_error", ErrorKind.BUSY),
    ],
)
def test_status_maps_to_an_error_kind(wire, status, kind, expected):
    server, model = wire
    server.enqueue(ErrorReply(status, kind))
    assert get_error(model).kind == expected
    assert len(server.requests) == 1  # retrying is up to the run


def test_error_without_json_is_busy(wire):
    server, model = wire
    server.enqueue(ErrorReply(502, body="<html>Bad gateway</html>"))
    assert get_error(model).kind == ErrorKind.BUSY


def test_exhausted_quota_is_no_credit():
    with providers.OpenAI() as server, closing(Compatible(KEY, server.url)) as model:
        server.enqueue(ErrorReply(429, "insufficient_quota"))
        assert get_error(model).kind == ErrorKind.NO_CREDIT


def test_retry_after_header_is_parsed(wire):
    server, model = wire
    server.enqueue(
        ErrorReply(429, "rate_limit_error", retry_after="7"), ErrorReply(429, "rate_limit_error", retry_after="soon")
    )
    assert [get_error(model).retry_after, get_error(model).retry_after] == [7.0, None]


def test_error_in_a_stream_is_busy(wire):
    server, model = wire
    server.enqueue(Reply("a" * 60, error_after=2))
    assert get_error(model).kind == ErrorKind.BUSY


@pytest.mark.parametrize("entry", [Disconnect(), Reply("a" * 60, cut_after=2), Reply("a" * 60, cut_after=0)])
def test_closed_connection_is_disconnected(wire, entry):
    server, model = wire
    server.enqueue(entry)
    assert get_error(model).kind == ErrorKind.DISCONNECTED


@pytest.mark.parametrize("model_of", [Anthropic, Compatible])
def test_unreachable_address_is_disconnected(model_of):
    with closing(model_of(KEY, f"http://127.0.0.1:{free_port()}/v1")) as model:
        assert get_error(model).kind == ErrorKind.DISCONNECTED


def test_silent_server_is_a_timeout(wire):
    server, model = wire
    server.enqueue(Disconnect(seconds=2))
    assert get_error(model, seconds=0.2).kind == ErrorKind.TIMEOUT


def test_malformed_arguments_are_none_or_unreadable():
    malformed = '{"name": egg'
    with providers.OpenAI() as server, closing(Compatible(KEY, server.url)) as model:
        server.enqueue(
            Reply(calls=(Call("add_item", raw_arguments=malformed), Call("add_item", raw_arguments='["egg"]')))
        )
        _pieces, reply = get_reply(model)
        assert [call.arguments for call in reply.calls] == [None, None]
    with providers.Anthropic() as server, closing(Anthropic(KEY, server.url)) as model:
        server.enqueue(Reply(calls=(Call("add_item", raw_arguments=malformed + "}}"),)))
        assert get_error(model).kind == ErrorKind.UNREADABLE


MESSAGE = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 1}}
TEXT = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
DELTA = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}
MALFORMED_EVENTS = [
    [],
    [DELTA],
    [{"type": "message_start"}],
    [{"type": "message_start", "message": "hello"}],
    [{"type": "message_start", "message": {**MESSAGE, "usage": None}}],
    [{"type": "message_start", "message": {**MESSAGE, "usage": {"input_tokens": "many"}}}],
    [{"type": "message_start", "message": {**MESSAGE, "usage": {"input_tokens": -1}}}],
    [{"type": "message_start", "message": {**MESSAGE, "content": None}}],
    [{"type": "message_start", "message": {**MESSAGE, "content": ["hello"]}}],
    [{"type": "message_start", "message": {**MESSAGE, "content": [{"type": "tool_use", "name": 7, "input": {}}]}}],
    [{"type": "message_start", "message": MESSAGE}, {**TEXT, "index": 5}, {"type": "content_block_stop", "index": 5}],
    [{"type": "message_start", "message": MESSAGE}, TEXT, {**DELTA, "delta": {"type": "text_delta", "text": 7}}],
]
MALFORMED_CHUNKS = [
    [None],
    ["hello"],
    [{"choices": "hello"}],
    [{"choices": ["hello"]}],
    [{"choices": [{"finish_reason": "stop"}]}],
    [{"choices": [{"delta": {"content": 7}}]}],
    [{"choices": [{"delta": {}, "finish_reason": 7}]}],
    [{"choices": [{"delta": {"tool_calls": 7}}]}],
    [{"choices": [{"delta": {"tool_calls": ["add_item"]}}]}],
    [{"choices": [{"delta": {"tool_calls": [{"index": "first"}]}}]}],
    [{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": "add_item"}]}}]}],
    [{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": {"name": "egg"}}}]}}]}],
    [{"choices": [], "usage": {"prompt_tokens": "many"}}],
    [{"choices": [], "usage": {"prompt_tokens": 10**12}}],
]


@pytest.mark.parametrize(
    ("client_class", "events"),
    [*(pytest.param(Anthropic, events, id=str(events)[:60]) for events in MALFORMED_EVENTS)]
    + [*(pytest.param(Compatible, events, id=str(events)[:60]) for events in MALFORMED_CHUNKS)],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # of the SDK, about the malformed data
def test_malformed_reply_is_unreadable(client_class, events):
    server = providers.Anthropic() if client_class is Anthropic else providers.OpenAI()
    lines = [f"event: {event['type']}\n" if client_class is Anthropic else "" for event in events]
    body = "".join(f"{line}data: {json.dumps(event)}\n\n" for line, event in zip(lines, events, strict=True))
    with server, closing(client_class(KEY, server.url)) as model:
        server.enqueue(ErrorReply(200, body=body))
        assert get_error(model).kind == ErrorKind.UNREADABLE


@pytest.mark.parametrize("error", [AttributeError, TypeError, ValueError, KeyError])
@pytest.mark.parametrize("function", ["_body", "_reply"])
def test_fault_of_ours_is_not_reported_as_the_providers(wire, monkeypatch, function, error):
    _server, model = wire

    def fail(*_args):
        raise error

    target = sys.modules[type(model).__module__] if function == "_body" else type(model)
    monkeypatch.setattr(target, function, fail)
    with pytest.raises(error):
        get_reply(model)


@pytest.mark.parametrize(
    ("anthropic", "compatible", "stop"),
    [
        ("refusal", "content_filter", FinishReason.REFUSED),
        ("max_tokens", "length", FinishReason.TRUNCATED),
        ("end_turn", "stop", FinishReason.COMPLETE),
    ],
)
def test_stop_reason_maps_to_a_finish_reason(wire, anthropic, compatible, stop):
    server, model = wire
    server.enqueue(Reply("I", stop=anthropic if isinstance(server, providers.Anthropic) else compatible))
    assert get_reply(model)[1].finish_reason == stop


def test_redirect_is_not_followed(wire):
    server, model = wire
    server.enqueue(ErrorReply(307, "moved"))
    assert get_error(model).kind == ErrorKind.INVALID


def test_anthropic_requires_a_key():
    with pytest.raises(ModelError) as error:
        Anthropic("")
    assert error.value.kind == ErrorKind.NO_KEY


@pytest.mark.parametrize("client_class", [Anthropic, Compatible])
def test_key_that_no_header_can_contain_is_a_wrong_key(client_class):
    with pytest.raises(ModelError) as error:
        client_class("sk-“secret”", "http://localhost:1")
    assert error.value.kind == ErrorKind.WRONG_KEY
    assert "secret" not in str(error.value)


def test_compatible_server_needs_no_key():
    with providers.OpenAI() as server, closing(Compatible("", server.url)) as model:
        get_reply(model)
        assert server.headers[0]["authorization"] == "Bearer none"
