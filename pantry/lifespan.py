"""Start and stop the background parts of the web process: the hub, MCP, and Celery's worker and beat as threads."""

import asyncio
import gc
import logging
import os
import signal
import threading
from types import FrameType
from typing import Any

from homes import imports
from homes.live import hub
from homes.tasks import stop_imports
from pantry.celery import app
from pantry.serving import limit_memory_arenas
from pixie.mcp.asgi import mcp_application
from pixie.runs import queue
from pixie.tasks import finish_model_runs

log = logging.getLogger(__name__)

START_SECONDS = 20
GRACE_SECONDS = 5.0  # for running tasks to finish; a language model may take minutes

_worker: Any = None
_beat: Any = None
_ready = threading.Event()


def is_embedded() -> bool:
    """Tell whether this process runs worker and beat as well."""
    return os.environ.get("PANTRY_EMBEDDED") == "1"


def start_worker() -> None:
    """Start worker and beat, and wait until the worker is ready. Raises RuntimeError after START_SECONDS."""
    queue.release_leases()
    imports.release_all()
    app.set_default()
    app.finalize()
    app.loader.import_default_modules()
    threading.Thread(target=_run_worker, args=(app,), name="worker", daemon=True).start()
    if not _ready.wait(START_SECONDS):
        raise RuntimeError("the embedded worker did not start")
    for task in ("pixie.sweep", "homes.sweep_imports"):  # now, not at the next scheduled time
        app.send_task(task)
    threading.Thread(target=_run_beat, args=(app,), name="beat", daemon=True).start()


def stop_worker() -> None:
    """Stop both. Kills the process if tasks run longer than GRACE_SECONDS; they are resumed at the next start."""
    if _beat is not None:
        _beat.stop()
    if _worker is not None:
        stopping = threading.Thread(target=_finish_tasks, daemon=True)
        stopping.start()
        stopping.join(GRACE_SECONDS)
        if stopping.is_alive():
            log.warning("the worker is still busy; its tasks are resumed at the next start")
            logging.shutdown()
            os._exit(0)


def _finish_tasks() -> None:
    _worker.stop(in_sighandler=False)
    stop_imports()
    finish_model_runs()


def _run_worker(app: Any) -> None:
    # Not the Worker of the celery command, which installs signal handlers and prints a banner.
    from celery.worker import WorkController

    class Worker(WorkController):
        def on_consumer_ready(self, consumer: Any) -> None:
            _ready.set()

    global _worker
    alone = dict.fromkeys(("without_gossip", "without_mingle", "without_heartbeat"), True)
    _worker = Worker(app=app, pool="threads", concurrency=8, hostname="embedded@pantry", loglevel="WARNING", **alone)
    _worker.start()


def _run_beat(app: Any) -> None:
    from celery.beat import Service

    global _beat
    _beat = Service(app, schedule_filename=app.conf.beat_schedule_filename)
    _beat.start()


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Start the hub, MCP and, in embedded mode, worker and beat; stop them before the process ends."""
    await receive()  # lifespan.startup
    limit_memory_arenas()
    hub.get_hub()
    if is_embedded():
        await asyncio.to_thread(start_worker)
    async with mcp_application.open():
        close_streams_on_signal()
        set_up_garbage_collection()
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await hub.shut_down()
    if is_embedded():
        await asyncio.to_thread(stop_worker)
    await send({"type": "lifespan.shutdown.complete"})


def set_up_garbage_collection() -> None:
    """Collect garbage less often, and never the 200,000 objects that were loaded at the start.

    With 2,000 clients a full collection stopped all of them for half a second every five seconds; now it is 0.1 s.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def close_streams_on_signal() -> None:
    """Close the streams as soon as SIGINT or SIGTERM arrives, so that uvicorn does not wait for them."""
    loop = asyncio.get_running_loop()
    closing: set[asyncio.Task[None]] = set()  # the loop keeps only weak references to tasks

    def close_streams() -> None:
        closing.add(loop.create_task(hub.shut_down()))

    def wrap(handler: Any) -> Any:
        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(close_streams)
            handler(number, frame)

        return handle

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            signal.signal(number, wrap(handler))
