"""The Celery application, and the request id of tasks."""

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
