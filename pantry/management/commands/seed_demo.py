"""`manage.py seed_demo`: create the demo household."""

from typing import Any

from django.core.management.base import BaseCommand

from homes.accounts import demo_accounts
from pantry import demo


class Command(BaseCommand):
    help = "Create the demo household, unless it exists already."

    def handle(self, *args: Any, **options: Any) -> None:
        was_created = demo.seed()
        if options["verbosity"]:
            self.stdout.write("Created the demo household." if was_created else "The demo household exists already.")
            self.stdout.write(f"Accounts (password “{demo_accounts.PASSWORD}”): {', '.join(demo.open_accounts())}")
