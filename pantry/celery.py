import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")

app = Celery("pantry")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
