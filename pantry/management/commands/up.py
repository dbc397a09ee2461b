"""`manage.py up`: run everything in one process."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from homes.accounts import demo_accounts
from homes.accounts.models import User
from pantry import demo
from pantry.serving import serve


class Command(BaseCommand):
    help = "Migrate, and run web, worker and beat in one process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--demo", action="store_true", help="Create the demo household if there is no account.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if options["demo"] and not User.objects.exists():
            call_command("seed_demo", verbosity=0)
        demo.require_private(options["host"])
        self.stdout.write(f"Pantry Pixie: http://localhost:{options['port']}")
        if accounts := demo.open_accounts():
            self.stdout.write(f"Demo accounts (password “{demo_accounts.PASSWORD}”): {', '.join(accounts)}")
        self.stdout.write("Press Ctrl+C to stop.")
        self.stdout.flush()
        os.environ["PANTRY_EMBEDDED"] = "1"
        serve(options["host"], options["port"])
