"""`manage.py remove_demo`: delete the demo household."""

from typing import Any

from django.core.management.base import BaseCommand

from pantry import demo


class Command(BaseCommand):
    help = "Delete the demo's homes and accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        closed = demo.remove()
        self.stdout.write("Deleted the demo household.")
        if closed:
            self.stdout.write(f"Closed, because other people share a home with them: {', '.join(closed)}")
