"""`manage.py up`: run everything in one process."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from homes.accounts.models import User
from pantry.demo import PASSWORD
from pantry.management.commands.seed_demo import demo_accounts
from pantry.serving import serve


class Command(BaseCommand):
    help = "Migrate, create the demo household in a new database, and run web, worker and beat in one process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--no-demo", action="store_true", help="Do not create the demo household.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if not options["no_demo"] and not User.objects.exists():
            call_command("seed_demo", verbosity=0)
        self.stdout.write(f"Pantry Pixie: http://localhost:{options['port']}")
        if accounts := demo_accounts():
            self.stdout.write(f"Demo accounts (password “{PASSWORD}”): {', '.join(accounts)}")
        self.stdout.write("Press Ctrl+C to stop.")
        self.stdout.flush()
        os.environ["PANTRY_EMBEDDED"] = "1"
        serve(options["host"], options["port"])
