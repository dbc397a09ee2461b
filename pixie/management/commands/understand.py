"""Read messages from standard input and print what Pixie understands of each, as JSON lines."""

import io
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from pixie.nlu import understand


class Command(BaseCommand):
    help = "Print the intent, the entities and the actions in each line of standard input, as JSON lines."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for stream in (sys.stdin, sys.stdout):  # invalid UTF-8, or a console without it, must not abort the stream
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="replace")
        for line in sys.stdin:
            if line.strip():
                self.stdout.write(json.dumps(understand(line.rstrip("\r\n")).as_dict(), ensure_ascii=False))
                self.stdout.flush()
