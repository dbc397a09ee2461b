"""Over the wire, in each provider's protocol: what is asked, what is understood of the answer, and every fault."""

import logging
from contextlib import closing

import pytest

from pixie.llm import Call, Fault, Question, Reply, Stop, ToolSerializer, Trouble, Turn, Usage
from pixie.llm.anthropic import Anthropic
from pixie.llm.compatible import Compatible
from pixie.llm.wire import Returned
from tests.pixie import providers
from tests.pixie.providers import Breaks, Fails, Says, Wants
from tests.services import free_port

KEY = "sk-very-secret-7777"
TOOL = ToolSerializer("add_item", "Add something", {"type": "object", "properties": {"name": {"type": "string"}}})


@pytest.fixture(params=["anthropic", "compatible"])
def wire(request):
    """`(server, model)`, in both protocols."""
    server = providers.Anthropic() if request.param == "anthropic" else providers.OpenAI()
    with server:
        model = Anthropic(KEY, server.url) if request.param == "anthropic" else Compatible(KEY, server.url)
        with closing(model):
            yield server, model


def question(*turns, **more):
    return Question("a-model", "Be kind.", "It is Monday.", turns or (Turn("Hello"),), (TOOL,), **more)


def ask(model, *turns, seconds=5.0, **more):
    *pieces, reply = list(model.ask(question(*turns, **more), seconds))
    assert isinstance(reply, Reply)
    return pieces, reply


def fault(model, seconds=5.0):
    with pytest.raises(Fault) as caught:
        ask(model, seconds=seconds)
    return caught.value


def test_text_comes_in_pieces_and_whole(wire):
    server, model = wire
    server.plays(Says("There are eggs, and milk.", pieces=5, tokens=(90, 0, 10, 7)))
    pieces, reply = ask(model)
    assert (len(pieces), "".join(pieces), reply.text) == (5, "There are eggs, and milk.", "There are eggs, and milk.")
    assert (reply.stop, reply.calls, reply.usage) == (Stop.SAID_ALL, (), Usage(90, 0, 10, 7))
    assert reply.usage.input == 100


def test_calls_of_tools_are_read(wire):
    server, model = wire
    server.plays(Says("Let me see.", (Wants("add_item", {"name": "ไข่"}), Wants("list_items"))))
    _pieces, reply = ask(model)
    assert reply.stop == Stop.CALLS
    assert [(call.name, call.arguments) for call in reply.calls] == [("add_item", {"name": "ไข่"}), ("list_items", {})]
    assert len({call.id for call in reply.calls}) == 2


def test_the_key_goes_along_and_into_no_log(wire, caplog):
    server, model = wire
    server.key = KEY
    with caplog.at_level(logging.DEBUG):
        ask(model)
        server.key = "another"
        wrong = fault(model)
    assert wrong.trouble == Trouble.WRONG_KEY
    assert KEY not in f"{caplog.text} {wrong} {wrong!r}"


def test_a_whole_conversation_is_brought_each_time(wire):
    server, model = wire
    turns = (
        Turn("We need eggs"),
        Turn("Let me see.", is_model=True, calls=(Call("c1", "add_item", {"name": "eggs"}),)),
        Turn("Be honest.", returned=(Returned("c1", "no", failed=True),)),
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
        ask(model, Turn("Hello"), back, Turn(returned=(Returned(reply.calls[0].id, "eggs"),)))
        text, call = server.asked[1]["messages"][1]["content"]
        assert (text["text"], call["name"], call["id"]) == ("Let me see.", "list_items", reply.calls[0].id)


@pytest.mark.parametrize(
    ("status", "kind", "trouble"),
    [
        (401, "authentication_error", Trouble.WRONG_KEY),
        (403, "permission_error", Trouble.NOT_ALLOWED),
        (404, "not_found_error", Trouble.NO_MODEL),
        (400, "invalid_request_error", Trouble.INVALID),
        (413, "request_too_large", Trouble.INVALID),
        (429, "rate_limit_error", Trouble.BUSY),
        (500, "api_error", Trouble.BUSY),
        (503, "unavailable", Trouble.BUSY),
        (529, "overloaded_error", Trouble.BUSY),
    ],
)
def test_each_status_has_its_meaning(wire, status, kind, trouble):
    server, model = wire
    server.plays(Fails(status, kind))
    assert fault(model).trouble == trouble
    assert len(server.asked) == 1  # patience is the run's, not the wire's


def test_an_error_page_that_is_no_json_is_an_error_too(wire):
    server, model = wire
    server.plays(Fails(502, body="<html>Bad gateway</html>"))
    assert fault(model).trouble == Trouble.BUSY


def test_a_quota_that_is_used_up_does_not_pass():
    with providers.OpenAI() as server, closing(Compatible(KEY, server.url)) as model:
        server.plays(Fails(429, "insufficient_quota"))
        assert fault(model).trouble == Trouble.NO_CREDIT


def test_how_long_to_wait_is_heard(wire):
    server, model = wire
    server.plays(Fails(429, "rate_limit_error", retry_after="7"), Fails(429, "rate_limit_error", retry_after="soon"))
    assert [fault(model).wait, fault(model).wait] == [7.0, None]


def test_an_error_in_the_midst_of_a_stream(wire):
    server, model = wire
    server.plays(Says("a" * 60, error_after=2))
    assert fault(model).trouble == Trouble.BUSY


@pytest.mark.parametrize("entry", [Breaks(), Says("a" * 60, cut_after=2), Says("a" * 60, cut_after=0)])
def test_a_line_that_is_cut(wire, entry):
    server, model = wire
    server.plays(entry)
    assert fault(model).trouble == Trouble.CUT


@pytest.mark.parametrize("model_of", [Anthropic, Compatible])
def test_nobody_at_the_address(model_of):
    with closing(model_of(KEY, f"http://127.0.0.1:{free_port()}/v1")) as model:
        assert fault(model).trouble == Trouble.CUT


def test_silence_is_borne_so_long_and_no_longer(wire):
    server, model = wire
    server.plays(Breaks(seconds=2))
    assert fault(model, seconds=0.2).trouble == Trouble.SLOW


def test_arguments_that_are_no_json():
    written = '{"name": egg'
    with providers.OpenAI() as server, closing(Compatible(KEY, server.url)) as model:
        server.plays(Says(calls=(Wants("add_item", written=written), Wants("add_item", written='["egg"]'))))
        _pieces, reply = ask(model)
        assert [call.arguments for call in reply.calls] == [None, None]
    with providers.Anthropic() as server, closing(Anthropic(KEY, server.url)) as model:
        server.plays(Says(calls=(Wants("add_item", written=written + "}}"),)))
        assert fault(model).trouble == Trouble.GARBLED


@pytest.mark.parametrize(
    ("anthropic", "compatible", "stop"),
    [
        ("refusal", "content_filter", Stop.REFUSED),
        ("max_tokens", "length", Stop.TOO_LONG),
        ("end_turn", "stop", Stop.SAID_ALL),
    ],
)
def test_why_it_stopped(wire, anthropic, compatible, stop):
    server, model = wire
    server.plays(Says("I", stop=anthropic if isinstance(server, providers.Anthropic) else compatible))
    assert ask(model)[1].stop == stop


def test_a_redirect_leads_nowhere(wire):
    server, model = wire
    server.plays(Fails(307, "moved"))
    assert fault(model).trouble == Trouble.INVALID


def test_without_a_key_anthropic_is_not_asked():
    with pytest.raises(Fault) as caught:
        Anthropic("")
    assert caught.value.trouble == Trouble.NO_KEY


def test_a_server_at_home_needs_no_key():
    with providers.OpenAI() as server, closing(Compatible("", server.url)) as model:
        ask(model)
        assert server.headers[0]["authorization"] == "Bearer none"
