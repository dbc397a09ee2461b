"""`manage.py serve`: run the web processes; Celery's worker and beat run separately."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pantry import demo
from pantry.serving import serve


class Command(BaseCommand):
    help = "Serve pages, the API and the live stream. More than one process needs REDIS_URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=1, help="The number of processes that share the port.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workers"] > 1 and not settings.REDIS_URL:
            raise CommandError("More than one process needs Redis. Set REDIS_URL.")
        demo.require_private(options["host"])
        serve(options["host"], options["port"], options["workers"])
