"""Celery's worker and beat as threads of the web process."""

import logging
import os
import threading
from typing import Any

from pantry.celery import app
from pixie.runs import queue

log = logging.getLogger(__name__)

GRACE = 5.0  # seconds in which the worker may finish what it is doing

_worker: Any = None
_beat: Any = None
_ready = threading.Event()


def is_embedded() -> bool:
    return os.environ.get("PANTRY_EMBEDDED") == "1"


def start() -> None:
    """Start both and wait until the worker listens. Raises RuntimeError when it does not within 20 s."""
    queue.release()
    app.set_default()
    app.finalize()
    app.loader.import_default_modules()
    threading.Thread(target=_work, args=(app,), name="worker", daemon=True).start()
    if not _ready.wait(20):
        raise RuntimeError("the embedded worker did not start")
    app.send_task("pixie.sweep")  # what was said before the last process ended is answered now, not at the next minute
    threading.Thread(target=_tick, args=(app,), name="beat", daemon=True).start()


def stop() -> None:
    """What is at work after GRACE is left as a power cut would leave it, and taken up at the next start: a language
    model may have minutes to say."""
    if _beat is not None:
        _beat.stop()
    if _worker is not None:
        stopping = threading.Thread(target=_stop_worker, name="stopping", daemon=True)
        stopping.start()
        stopping.join(GRACE)
        if stopping.is_alive():
            log.warning("the worker is still busy; it will go on at the next start")
            logging.shutdown()
            os._exit(0)


def _stop_worker() -> None:
    try:
        _worker.stop(in_sighandler=False)
    except Exception:
        log.exception("the embedded worker did not stop cleanly")


def _work(app: Any) -> None:
    # WorkController and not the command's Worker: that one takes the process's signals and prints a banner.
    from celery.worker import WorkController

    class Worker(WorkController):
        def on_consumer_ready(self, consumer: Any) -> None:
            _ready.set()

    global _worker
    _worker = Worker(
        app=app,
        pool="threads",
        concurrency=8,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        hostname="embedded@pantry",
        loglevel="WARNING",
    )
    _worker.start()


def _tick(app: Any) -> None:
    from celery.beat import Service

    global _beat
    _beat = Service(app, schedule_filename=app.conf.beat_schedule_filename)
    _beat.start()
