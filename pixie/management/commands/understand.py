"""Read messages from standard input and print what Pixie understands of each, as JSON lines."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from pixie.nlu import understand


class Command(BaseCommand):
    help = "Print the intent, the entities and the actions in each line of standard input, as JSON lines."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        # A console without UTF-8 must not abort the stream.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")
        for line in _lines():
            if line.strip():
                self.stdout.write(json.dumps(understand(line).as_dict(), ensure_ascii=False))
                self.stdout.flush()


def _lines() -> Iterator[str]:
    """Yield each line as soon as it arrives; invalid UTF-8 becomes replacement characters."""
    raw = getattr(sys.stdin, "buffer", None)
    for line in sys.stdin if raw is None else iter(raw.readline, b""):
        text = line.decode("utf-8", errors="replace") if isinstance(line, bytes) else line
        yield text.rstrip("\r\n")
