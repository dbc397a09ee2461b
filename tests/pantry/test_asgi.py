"""How an answer that a thread makes comes to whoever asked."""

import asyncio

import pytest

from pantry.asgi import WHOLE, Pages

pytestmark = pytest.mark.anyio
QUEUE = 10  # messages that a2wsgi lets wait
SCOPE = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "http_version": "1.1"}


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def nothing_more():
    return {"type": "http.request", "body": b"", "more_body": False}


def in_pieces(pieces, made):
    def application(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        for number in range(pieces):
            made.append(number)
            yield b"%d " % number

    return application


@pytest.mark.parametrize("pieces", [0, 1, 2, 50])
async def test_an_answer_arrives_whole_and_in_order(pieces):
    sent = []

    async def send(message):
        sent.append(message)

    await Pages(in_pieces(pieces, []))(SCOPE, nothing_more, send)
    assert [message["type"] for message in sent] == ["http.response.start", *["http.response.body"] * (pieces + 1)]
    assert b"".join(message.get("body", b"") for message in sent).split() == [b"%d" % each for each in range(pieces)]
    assert not sent[-1].get("more_body")


async def test_a_stream_waits_for_who_reads_slowly():
    made, reads = [], asyncio.Event()

    async def send(_message):
        await reads.wait()

    answering = asyncio.ensure_future(Pages(in_pieces(500, made))(SCOPE, nothing_more, send))
    for _ in range(50):
        await asyncio.sleep(0.01)
    assert 0 < len(made) <= QUEUE + WHOLE
    reads.set()
    await answering
    assert len(made) == 500


async def test_what_goes_wrong_before_the_answer_is_raised():
    def broken(_environ, _start_response):
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await Pages(broken)(SCOPE, nothing_more, nothing_more)
