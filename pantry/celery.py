import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, task_postrun, task_prerun

from pantry.requests import request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")

app = Celery("pantry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@before_task_publish.connect
def send_along(headers: dict[str, Any], **_kwargs: Any) -> None:
    """A task bears the id of the request that caused it."""
    headers.setdefault("request_id", request_id.get())


@task_prerun.connect
def take_up(task: Any, **_kwargs: Any) -> None:
    request_id.set((task.request.headers or {}).get("request_id") or getattr(task.request, "request_id", None) or "-")


@task_postrun.connect
def lay_down(**_kwargs: Any) -> None:
    request_id.set("-")
