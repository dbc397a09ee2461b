"""`manage.py check_log`: look for changes to the event log that were made past the application."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from homes.events.chain import check, compare_head, head


class Command(BaseCommand):
    help = "Check the hashes of the event log of a home, or of all homes. Exits with status 1 if something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("home", nargs="?", type=UUID, help="The id of a home. Default: all homes.")
        parser.add_argument("--head", help="A line that an earlier check of the home printed: 812:5f3a…")

    def handle(self, *args: Any, **options: Any) -> None:
        homes = apps.get_model("homes", "Home").objects.order_by("created_at")
        if options["home"]:
            homes = homes.filter(pk=options["home"])
            if not homes.exists():
                raise CommandError(f"There is no home {options['home']}.")
        elif options["head"]:
            raise CommandError("Name the home that the head is of.")
        count = sum(self.check_home(home, options["head"]) for home in homes)
        if count:
            raise CommandError(f"Something is wrong with the log: {count} findings.")
        self.stdout.write("Everything is as it was recorded.")

    def check_home(self, home: Any, noted: str | None) -> int:
        """Print the findings of a home and its head. Returns the number of findings."""
        self.stdout.write(f"{home.pk} “{home.name}”")
        count = 0
        for finding in check(home.pk):
            count += 1
            self.stdout.write(f"  Event {finding}")
        if noted:
            try:
                has_head = compare_head(home.pk, noted)
            except ValueError as error:
                raise CommandError("A head looks like 812:5f3a…") from error
            if not has_head:
                count += 1
                self.stdout.write(f"  The log no longer has the event with the hash {noted}")
        self.stdout.write(f"  Head: {head(home.pk)}")
        return count
