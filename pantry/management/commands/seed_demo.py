"""The demo household: Apartment 42 in Bangkok, and a stranger."""

from typing import Any

from django.core.management.base import BaseCommand

from homes.accounts.models import User
from pantry import demo

PASSWORD = demo.PASSWORD


def demo_accounts() -> list[str]:
    """The demo's e-mail addresses that are there."""
    return list(User.objects.filter(email__in=demo.EMAILS).order_by("email").values_list("email", flat=True))


class Command(BaseCommand):
    help = "Furnish the demo household. Harmless to run again: what is there stays exactly as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        made = demo.seed()
        if options["verbosity"]:
            self.stdout.write("The demo household moved in." if made else "The demo household lives here already.")
            self.stdout.write(f"Accounts (password “{PASSWORD}”): {', '.join(demo_accounts())}")
