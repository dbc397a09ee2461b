"""What a language model or its server sends is limited, in both protocols."""

import gzip
import itertools
import json
import time
import tracemalloc

import pytest

from groceries.models import ListEntry
from pixie.llm import ErrorKind, ModelError, ModelReply, ModelRequest, Turn
from pixie.models import RunStatus
from pixie.runs.llm_loop import MAX_CALLS
from tests.limits import limit
from tests.pixie import providers
from tests.pixie.providers import Call, RawReply, Reply
from tests.pixie.runs import MODEL_REQUEST, get_run

MAX_OUTPUT_BYTES = limit("Text, thoughts and arguments of a model's reply, together")
MAX_CALLS_READ = limit("Calls of tools in a model's reply")
MAX_EVENTS = limit("Events of a model's reply, and parts in which it arrives")
MAX_BYTES = limit("Response of a model's server, before and after decompression")
MILK = Call("add_item", {"name": "Milk"})
TOO_LONG = "My language model's answer was too long, so I stopped it and did nothing of it. Ask me for a smaller part."


def read(model, seconds=30.0):
    request = ModelRequest("a-model", "Be kind.", "", (Turn("Hello"),))
    try:
        return list(model.stream(request, seconds))[-1]
    except ModelError as error:
        return error


def events_of(server, reply):
    return [event.encode() for _name, event in server.events({"model": "a-model"}, reply)]


def assert_too_long(result):
    assert isinstance(result, ModelError), result
    assert (result.kind, result.is_retryable) == (ErrorKind.TOO_LONG, False)


@pytest.mark.parametrize("as_call", [False, True])
def test_output_is_limited(wire, as_call):
    server, model = wire
    for excess in (0, 1):
        size = MAX_OUTPUT_BYTES + excess
        name_bytes = len("add_item") if as_call and isinstance(server, providers.OpenAI) else 0
        arguments = json.dumps({"a": ""})
        raw = json.dumps({"a": "x" * (size - len(arguments) - name_bytes)})
        parts = Reply(calls=(Call("add_item", raw_arguments=raw),)) if as_call else Reply("x" * size, pieces=1000)
        server.enqueue(parts)
        result = read(model)
        if excess:
            assert_too_long(result)
        else:
            assert isinstance(result, ModelReply), result


def test_calls_are_limited(wire):
    server, model = wire
    server.enqueue(Reply(calls=(MILK,) * MAX_CALLS_READ), Reply(calls=(MILK,) * (MAX_CALLS_READ + 1)))
    assert len(read(model).calls) == MAX_CALLS_READ
    assert_too_long(read(model))


def test_events_are_limited(wire):
    server, model = wire
    first, *_rest = events_of(server, Reply("a", skip=("ping",)))
    piece = next(event for event in events_of(server, Reply("a")) if b'"a"' in event).replace(b'"a"', b'""')
    opening = [event for event in events_of(server, Reply("a"))[:3] if b"start" in event] or [first]
    server.enqueue(RawReply([*opening, *[piece * 10] * MAX_EVENTS]))
    assert_too_long(read(model))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_lines_of_an_event_are_limited(wire, line_end):
    server, model = wire
    most = limit("Lines of one event of a model's reply")
    for count in (most - 5, most + 1):
        comments = (b": a comment" + line_end) * count
        server.enqueue(RawReply([comments, *events_of(server, Reply("Fried rice"))]))
        result = read(model)
        if count > most:
            assert_too_long(result)
        else:
            assert result.text == "Fried rice"


@pytest.mark.parametrize("nested", [b"[", b'{"a":'])
def test_deeply_nested_event_is_unreadable(wire, nested):
    server, model = wire
    server.enqueue(RawReply([b"event: message_start\ndata: " + nested * 200_000 + b"\n\n"]))
    assert read(model).kind == ErrorKind.UNREADABLE


@pytest.mark.parametrize("status", [200, 400, 529])
@pytest.mark.parametrize("part", [b":" * 50_000, b": ping\n\n" * 5000, b":" * 300])
def test_bytes_are_limited(wire, status, part):
    server, model = wire
    sent = itertools.count()
    server.enqueue(RawReply((part for _part in range(30_000) if next(sent) >= 0), status))
    assert_too_long(read(model))
    assert next(sent) * len(part) < 10 * MAX_BYTES  # some is on its way


@pytest.mark.parametrize("status", [200, 400, 529])
@pytest.mark.parametrize("content", [b"x", b"\n", b": ping\n\n"])
def test_decompressed_bytes_are_limited(wire, status, content):
    server, model = wire
    server.enqueue(RawReply([gzip.compress(content * (60_000_000 // len(content)))], status, "gzip"))
    read(model, 0.001)  # what is imported late
    server.enqueue(RawReply([gzip.compress(content * (60_000_000 // len(content)))], status, "gzip"))
    tracemalloc.start()
    try:
        assert_too_long(read(model))
        assert tracemalloc.get_traced_memory()[1] < 10 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_bytes_that_decompress_to_nothing_are_limited(wire):
    server, model = wire
    server.enqueue(RawReply(itertools.repeat(gzip.compress(b"") * 1000, 10_000), encoding="gzip"))
    assert_too_long(read(model))


def test_compressed_reply_is_read(wire):
    server, model = wire
    server.enqueue(RawReply([gzip.compress(b"".join(events_of(server, Reply("Fried rice"))))], encoding="gzip"))
    assert read(model).text == "Fried rice"


def test_reply_that_arrives_byte_by_byte_is_limited(wire):
    server, model = wire
    reply = b"".join(events_of(server, Reply("Fried rice")))
    server.enqueue(RawReply([bytes([byte]) for byte in reply]))
    assert read(model).text == "Fried rice"
    server.enqueue(RawReply(itertools.repeat(b":", MAX_EVENTS * 3)))
    assert_too_long(read(model))


def test_response_that_does_not_end_is_given_up(wire):
    server, model = wire
    server.enqueue(RawReply(b": ping\n\n" for _part in range(3000) if time.sleep(0.01) is None))
    assert read(model, 0.5).kind == ErrorKind.TIMEOUT


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "reply", [Reply("Fried rice. " * 20_000, (MILK,), pieces=5000), Reply("So.", (MILK,) * (MAX_CALLS_READ + 1))]
)
def test_agent_says_that_a_reply_was_too_long_and_does_nothing(any_provider, tell, reply):
    any_provider.enqueue(reply)
    answer = tell(MODEL_REQUEST)
    assert answer.body.startswith(TOO_LONG)
    assert len(any_provider.requests) == 1
    assert (get_run().status, ListEntry.objects.count()) == (RunStatus.FAILED, 0)


def test_lines_are_limited(wire):
    server, model = wire
    most = limit("Lines of a model's reply")
    server.enqueue(RawReply([b":\n\n" * (most // 20)] * 11))
    assert_too_long(read(model))


def test_calls_that_are_made_are_limited_as_documented():
    assert limit("Calls of tools in a model's reply that are made") == MAX_CALLS
