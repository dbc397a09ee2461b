"""The ASGI handler: complete requests, no threads for slow clients, streams in order."""

import asyncio
import threading
from io import BytesIO

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path

from pantry.handler import PAGE_THREADS, PageHandler

pytestmark = pytest.mark.anyio
LIMIT = 1000  # bytes
PARTS = 50
TIMEOUT_SECONDS = 30
generated: list[int] = []
posted: list[bytes] = []


def parts():
    for number in range(PARTS):
        generated.append(number)
        yield b"%d " % number


def post(request):
    posted.append(request.body)
    return HttpResponse(threading.current_thread().name)


def broken(request):
    raise LookupError("lost")


def bad_request(request, exception):
    return HttpResponse(status=400)


def server_error(request):
    return HttpResponse(status=500)


urlpatterns = [
    path("quick", lambda request: HttpResponse("quick")),
    path("stream", lambda request: StreamingHttpResponse(parts())),
    path("file", lambda request: FileResponse(BytesIO(b"x" * 1_000_000), content_type="text/plain")),
    path("post", post),
    path("large", post),
    path("broken", broken),
]
handler400 = f"{__name__}.bad_request"
handler500 = f"{__name__}.server_error"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def handler(settings):
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.MAX_BODY_BYTES = LIMIT, {"/large": 2 * LIMIT}
    generated.clear()
    posted.clear()
    handler = PageHandler()
    yield handler
    handler.threads.shutdown()


class Exchange:
    """A request, its ASGI messages and the response."""

    def __init__(self, handler, path, *messages, length=None):
        body = length is not None
        headers = [(b"host", b"localhost"), *([(b"content-length", b"%d" % length)] if body else [])]
        self.scope = {
            "type": "http", "method": "POST" if messages else "GET", "path": path, "query_string": b"",
            "headers": headers, "http_version": "1.1",
        }  # fmt: skip
        self.handler, self.incoming, self.sent = handler, [*messages], []
        self.can_send, self.disconnected = asyncio.Event(), asyncio.Event()
        self.can_send.set()

    async def receive(self):
        if self.scope["method"] == "GET":
            return {"type": "http.request", "body": b"", "more_body": False}
        if not self.incoming:
            await self.disconnected.wait()
            return DISCONNECT
        return self.incoming.pop(0)

    async def send(self, message):
        self.sent.append(message)
        await self.can_send.wait()

    async def run(self):
        await asyncio.wait_for(self.handler(self.scope, self.receive, self.send), TIMEOUT_SECONDS)
        return self

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent)


def chunk(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


DISCONNECT = {"type": "http.disconnect"}


async def test_stream_is_sent_completely_and_in_order(handler):
    exchange = await Exchange(handler, "/stream").run()
    assert exchange.body.split() == [b"%d" % number for number in range(PARTS)]
    assert not exchange.sent[-1].get("more_body")


async def test_file_is_sent_in_large_chunks(handler):
    exchange = await Exchange(handler, "/file").run()
    assert len(exchange.body) == 1_000_000
    assert len(exchange.sent) < 20


async def test_stream_is_generated_at_the_speed_of_the_client(handler):
    exchange = Exchange(handler, "/stream")
    exchange.can_send.clear()
    running = asyncio.ensure_future(exchange.run())
    while not exchange.sent:
        await asyncio.sleep(0)
    await Exchange(handler, "/quick").run()
    assert len(generated) <= 1
    exchange.can_send.set()
    await running
    assert len(generated) == PARTS


@pytest.mark.parametrize("path", ["/stream", "/file", "/quick"])
async def test_slow_clients_occupy_no_thread(handler, path):
    slow = [Exchange(handler, path) for _ in range(2 * PAGE_THREADS)]
    for exchange in slow:
        exchange.can_send.clear()
    running = [asyncio.ensure_future(exchange.run()) for exchange in slow]
    while not all(exchange.sent for exchange in slow):
        await asyncio.sleep(0)
    assert (await Exchange(handler, "/quick").run()).body == b"quick"
    assert not any(task.done() for task in running)
    for exchange in slow:
        exchange.can_send.set()
    await asyncio.gather(*running)


async def test_clients_that_send_no_body_occupy_no_thread(handler):
    silent = [Exchange(handler, "/post", chunk(b"a", more=True), length=100) for _ in range(200)]
    running = [asyncio.ensure_future(exchange.run()) for exchange in silent]
    assert (await Exchange(handler, "/quick").run()).body == b"quick"
    assert not posted
    for exchange in silent:
        exchange.disconnected.set()
    await asyncio.gather(*running)
    assert not posted


async def test_truncated_body_is_not_processed(handler):
    exchange = await Exchange(handler, "/post", chunk(b"a" * 40, more=True), DISCONNECT, length=100).run()
    assert (posted, exchange.sent) == ([], [])


async def test_chunked_body_is_assembled(handler):
    exchange = await Exchange(handler, "/post", chunk(b"to", more=True), chunk(b"gether"), length=8).run()
    assert (posted, exchange.status) == ([b"together"], 200)
    assert exchange.body.startswith(b"page")


async def test_body_with_too_large_a_length_is_rejected_unread(handler):
    exchange = await Exchange(handler, "/post", chunk(b"a" * (LIMIT + 1)), length=LIMIT + 1).run()
    assert (posted, exchange.status) == ([], 413)
    assert exchange.incoming


async def test_body_without_a_length_is_left_unread(handler):
    exchange = await Exchange(handler, "/post", chunk(b"a" * 10_000_000)).run()
    assert (posted, exchange.status) == ([b""], 200)
    assert exchange.incoming


async def test_path_with_a_higher_limit_accepts_more(handler, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * LIMIT
    exchange = await Exchange(handler, "/large", chunk(b"a" * LIMIT, more=True), chunk(b"b"), length=LIMIT + 1).run()
    assert (len(posted[0]), exchange.status) == (LIMIT + 1, 200)


async def test_failing_view_is_answered_with_500(handler, caplog):
    exchange = await Exchange(handler, "/broken").run()
    assert exchange.status == 500
    assert "LookupError: lost" in caplog.text
