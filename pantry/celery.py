"""The Celery application: the schedule of its periodic tasks, in seconds, and the request id of tasks."""

import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.db import close_old_connections

from pantry.request_log import request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")

app = Celery("pantry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "answer waiting messages": {"task": "pixie.sweep", "schedule": 60.0},
    "start scheduled runs": {"task": "pixie.fire_scheduled", "schedule": 20.0},
    "send morning summaries": {"task": "pixie.sum_up", "schedule": 300.0},
    "suggest due items": {"task": "pixie.suggest", "schedule": 900.0},
    "send waiting notifications": {"task": "homes.sweep_notices", "schedule": 60.0},
    "update memory": {"task": "pixie.sweep_memory", "schedule": 60.0},
    "clean up memory at night": {"task": "pixie.tidy_memory", "schedule": 1800.0},
    "add recurring items": {"task": "groceries.fire_recurring", "schedule": 300.0},
    "end forgotten shopping trips": {"task": "groceries.end_forgotten_trips", "schedule": 900.0},
    "perform waiting imports": {"task": "homes.sweep_imports", "schedule": 60.0},
    "delete expired data": {"task": "homes.tidy", "schedule": 86400.0},
    "delete removed files": {"task": "homes.tidy_files", "schedule": 86400.0},
}


@before_task_publish.connect
def attach_request_id(headers: dict[str, Any], **_kwargs: Any) -> None:
    headers.setdefault("request_id", request_id.get())


@task_prerun.connect
def begin_task(task: Any, **_kwargs: Any) -> None:
    """Bind the request id, and close broken database connections, which the embedded worker does not do itself."""
    if not task.request.is_eager:
        close_old_connections()
    request_id.set((task.request.headers or {}).get("request_id") or getattr(task.request, "request_id", None) or "-")


@task_postrun.connect
def end_task(**_kwargs: Any) -> None:
    request_id.set("-")
