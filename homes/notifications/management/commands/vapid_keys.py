"""The keys by which browsers know this server when it sends them notices."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from homes.notifications.web_push import public_key
from pantry.secret import new_vapid_key


class Command(BaseCommand):
    help = "Print the key pair for push notices that is in use, made at the first start; or a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", action="store_true", help="Make another pair, and keep it nowhere.")

    def handle(self, *args: Any, **options: Any) -> None:
        private = new_vapid_key() if options["new"] else settings.VAPID_PRIVATE_KEY
        self.stdout.write(f"VAPID_PRIVATE_KEY={private}")
        self.stdout.write(f"# Its public half, as browsers get it: {public_key(private)}")
