"""Run Celery's worker and beat as threads of the web process."""

import logging
import os
import threading
from typing import Any

from pantry.celery import app
from pixie.runs import queue

log = logging.getLogger(__name__)

START_SECONDS = 20
GRACE_SECONDS = 5.0  # for running tasks to finish

_worker: Any = None
_beat: Any = None
_ready = threading.Event()


def is_embedded() -> bool:
    """Tell whether this process runs worker and beat as well."""
    return os.environ.get("PANTRY_EMBEDDED") == "1"


def start() -> None:
    """Start worker and beat, and wait until the worker is ready. Raises RuntimeError after START_SECONDS."""
    queue.release_leases()
    app.set_default()
    app.finalize()
    app.loader.import_default_modules()
    threading.Thread(target=_run_worker, args=(app,), name="worker", daemon=True).start()
    if not _ready.wait(START_SECONDS):
        raise RuntimeError("the embedded worker did not start")
    app.send_task("pixie.sweep")  # answer waiting messages now, not at the next scheduled sweep
    threading.Thread(target=_run_beat, args=(app,), name="beat", daemon=True).start()


def stop() -> None:
    """Stop both. Kills the process if tasks run longer than GRACE_SECONDS; they are resumed at the next start.

    A language model may take minutes to answer.
    """
    if _beat is not None:
        _beat.stop()
    if _worker is not None:
        stopping = threading.Thread(target=_worker.stop, kwargs={"in_sighandler": False}, daemon=True)
        stopping.start()
        stopping.join(GRACE_SECONDS)
        if stopping.is_alive():
            log.warning("the worker is still busy; its tasks are resumed at the next start")
            logging.shutdown()
            os._exit(0)


def _run_worker(app: Any) -> None:
    # Not the Worker of the celery command, which installs signal handlers and prints a banner.
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


def _run_beat(app: Any) -> None:
    from celery.beat import Service

    global _beat
    _beat = Service(app, schedule_filename=app.conf.beat_schedule_filename)
    _beat.start()
