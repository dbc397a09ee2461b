"""`manage.py vapid_keys`: the key pair that signs push messages."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from homes.notifications.web_push import public_key
from pantry.secret import new_vapid_key


class Command(BaseCommand):
    help = "Print the VAPID key pair that signs push messages. It is made at the first start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", action="store_true", help="Print a new pair instead, without storing it.")

    def handle(self, *args: Any, **options: Any) -> None:
        private = new_vapid_key() if options["new"] else settings.VAPID_PRIVATE_KEY
        self.stdout.write(f"VAPID_PRIVATE_KEY={private}")
        self.stdout.write(f"# Public key: {public_key(private)}")
