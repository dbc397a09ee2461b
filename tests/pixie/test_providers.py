"""Over the wire, in each provider's protocol: what is asked, what is understood of the answer, and every fault."""

import logging
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
from tests.pixie.providers import Breaks, Fails, Says, Wants
from tests.services import free_port

KEY = "sk-very-secret-7777"
TOOL = ToolSchema("add_item", "Add something", {"type": "object", "properties": {"name": {"type": "string"}}})


@pytest.fixture(params=["anthropic", "compatible"])
def wire(request):
    """`(server, model)`, in both protocols."""
    server = providers.Anthropic() if request.param == "anthropic" else providers.OpenAI()
    with server:
        model = Anthropic(KEY, server.url) if request.param == "anthropic" else Compatible(KEY, server.url)
        with closing(model):
            yield server, model


def question(*turns, **more):
    return ModelRequest("a-model", "Be kind.", "It is Monday.", turns or (Turn("Hello"),), (TOOL,), **more)


def ask(model, *turns, seconds=5.0, **more):
    *pieces, reply = list(model.stream(question(*turns, **more), seconds))
    assert isinstance(reply, ModelReply)
    return pieces, reply


def fault(model, seconds=5.0):
    with pytest.raises(ModelError) as caught:
        ask(model, seconds=seconds)
    return caught.value


def test_text_comes_in_pieces_and_whole(wire):
    server, model = wire
    server.plays(Says("There are eggs, and milk.", pieces=5, tokens=(90, 0, 10, 7)))
    pieces, reply = ask(model)
    assert (len(pieces), "".join(pieces), reply.text) == (5, "There are eggs, and milk.", "There are eggs, and milk.")
    assert (reply.finish_reason, reply.calls, reply.usage) == (FinishReason.COMPLETE, (), Usage(90, 0, 10, 7))
    assert reply.usage.input == 100


def test_calls_of_tools_are_read(wire):
    server, model = wire
    server.plays(Says("Let me see.", (Wants("add_item", {"name": "ไข่"}), Wants("list_items"))))
    _pieces, reply = ask(model)
    assert reply.finish_reason == FinishReason.CALLS
    assert [(call.name, call.arguments) for call in reply.calls] == [("add_item", {"name": "ไข่"}), ("list_items", {})]
    assert len({call.id for call in reply.calls}) == 2


def test_the_key_goes_along_and_into_no_log(wire, caplog):
    server, model = wire
    server.key = KEY
    with caplog.at_level(logging.DEBUG):
        ask(model)
        server.key = "another"
        wrong = fault(model)
    assert wrong.kind == ErrorKind.WRONG_KEY
    assert KEY not in f"{caplog.text} {wrong} {wrong!r}"


def test_a_whole_conversation_is_brought_each_time(wire):
    server, model = wire
    turns = (
        Turn("We need eggs"),
        Turn("Let me see.", is_model=True, calls=(ToolCall("c1", "add_item", {"name": "eggs"}),)),
        Turn("Be honest.", tool_results=(ToolResult("c1", "no", failed=True),)),
    )
    ask(model, *turns)
    body = server.asked[0]
    if isinstance(server, providers.Anthropic):
        assert [block["text"] for block in body["system"]] == ["Be kind.", "It is Monday."]
        assert body["system"][0]["cache_control"] == body["tools"][-1]["cache_control"] == {"type": "ephemeral"}
        first, said, back = body["messages"]
        assert [block["type"] for block in said["content"]] == ["text", "tool_use"]
        assert [block["type"] for block in back["content"]] == ["tool_result", "text"]
        assert (back["content"][0]["tool_use_id"], back["content"][0]["is_error"]) == ("c1", True)
        assert "thread" not in body
    else:
        system, first, said, tool, back = body["messages"]
        assert system["content"] == "Be kind.\n\nIt is Monday."
        assert said["tool_calls"][0]["function"] == {"name": "add_item", "arguments": '{"name": "eggs"}'}
        assert (tool["role"], tool["tool_call_id"], back["content"]) == ("tool", "c1", "Be honest.")
        assert body["stream_options"] == {"include_usage": True}
    assert (first["role"], said["role"]) == ("user", "assistant")


def test_a_models_own_message_goes_back_as_it_came():
    with providers.Anthropic() as server, closing(Anthropic(KEY, server.url)) as model:
        server.plays(Says("Let me see.", (Wants("list_items"),)))
        _pieces, reply = ask(model)
        back = Turn(reply.text, is_model=True, calls=reply.calls, raw=reply.raw)
        ask(model, Turn("Hello"), back, Turn(tool_results=(ToolResult(reply.calls[0].id, "eggs"),)))
        text, call = server.asked[1]["messages"][1]["content"]
        assert (text["text"], call["name"], call["id"]) == ("Let me see.", "list_items", reply.calls[0].id)


@pytest.mark.parametrize(
    ("status", "kind", "trouble"),
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
def test_each_status_has_its_meaning(wire, status, kind, trouble):
    server, model = wire
    server.plays(Fails(status, kind))
    assert fault(model).kind == trouble
    assert len(server.asked) == 1  # patience is the run's, not the wire's


def test_an_error_page_that_is_no_json_is_an_error_too(wire):
    server, model = wire
    server.plays(Fails(502, body="<html>Bad gateway</html>"))
    assert fault(model).kind == ErrorKind.BUSY


def test_a_quota_that_is_used_up_does_not_pass():
    with providers.OpenAI() as server, closing(Compatible(KEY, server.url)) as model:
        server.plays(Fails(429, "insufficient_quota"))
        assert fault(model).kind == ErrorKind.NO_CREDIT


def test_how_long_to_wait_is_heard(wire):
    server, model = wire
    server.plays(Fails(429, "rate_limit_error", retry_after="7"), Fails(429, "rate_limit_error", retry_after="soon"))
    assert [fault(model).retry_after, fault(model).retry_after] == [7.0, None]


def test_an_error_in_the_midst_of_a_stream(wire):
    server, model = wire
    server.plays(Says("a" * 60, error_after=2))
    assert fault(model).kind == ErrorKind.BUSY


@pytest.mark.parametrize("entry", [Breaks(), Says("a" * 60, cut_after=2), Says("a" * 60, cut_after=0)])
def test_a_line_that_is_cut(wire, entry):
    server, model = wire
    server.plays(entry)
    assert fault(model).kind == ErrorKind.DISCONNECTED


@pytest.mark.parametrize("model_of", [Anthropic, Compatible])
def test_nobody_at_the_address(model_of):
    with closing(model_of(KEY, f"http://127.0.0.1:{free_port()}/v1")) as model:
        assert fault(model).kind == ErrorKind.DISCONNECTED


def test_silence_is_borne_so_long_and_no_longer(wire):
    server, model = wire
    server.plays(Breaks(seconds=2))
    assert fault(model, seconds=0.2).kind == ErrorKind.TIMEOUT


def test_arguments_that_are_no_json():
    written = '{"name": egg'
    with providers.OpenAI() as server, closing(Compatible(KEY, server.url)) as model:
        server.plays(Says(calls=(Wants("add_item", written=written), Wants("add_item", written='["egg"]'))))
        _pieces, reply = ask(model)
        assert [call.arguments for call in reply.calls] == [None, None]
    with providers.Anthropic() as server, closing(Anthropic(KEY, server.url)) as model:
        server.plays(Says(calls=(Wants("add_item", written=written + "}}"),)))
        assert fault(model).kind == ErrorKind.UNREADABLE


@pytest.mark.parametrize(
    ("anthropic", "compatible", "stop"),
    [
        ("refusal", "content_filter", FinishReason.REFUSED),
        ("max_tokens", "length", FinishReason.TRUNCATED),
        ("end_turn", "stop", FinishReason.COMPLETE),
    ],
)
def test_why_it_stopped(wire, anthropic, compatible, stop):
    server, model = wire
    server.plays(Says("I", stop=anthropic if isinstance(server, providers.Anthropic) else compatible))
    assert ask(model)[1].finish_reason == stop


def test_a_redirect_leads_nowhere(wire):
    server, model = wire
    server.plays(Fails(307, "moved"))
    assert fault(model).kind == ErrorKind.INVALID


def test_without_a_key_anthropic_is_not_asked():
    with pytest.raises(ModelError) as caught:
        Anthropic("")
    assert caught.value.kind == ErrorKind.NO_KEY


def test_a_server_at_home_needs_no_key():
    with providers.OpenAI() as server, closing(Compatible("", server.url)) as model:
        ask(model)
        assert server.headers[0]["authorization"] == "Bearer none"
