"""What a million tokens cost when this was written, in US$: an admin may change it."""

from decimal import Decimal
from typing import Any

from django.db import migrations

# model: input, output, read from the cache, written to the cache for five minutes
KNOWN = {
    "claude-haiku-5-5": ("0.10", "0.50", "0.01", "0.125"),
    "claude-sonnet-5-5": ("2", "10", "0.10", "2.50"),
    "claude-opus-5-5": ("4", "20", "0.20", "5"),
    "claude-fable-5-1": ("10", "50", "0.25", "12.50"),
    "claude-sonnet-5": ("2", "10", "0.20", "2.50"),
    "claude-opus-5": ("5", "25", "0.50", "6.25"),
    "claude-haiku-4-5": ("1", "5", "0.10", "1.25"),
}


def write_down(apps: Any, schema_editor: Any) -> None:
    price = apps.get_model("pixie", "ModelPrice")
    for model, known in KNOWN.items():
        columns = zip(("input", "output", "cache_read", "cache_write"), map(Decimal, known))
        price.objects.get_or_create(model=model, defaults=dict(columns))


class Migration(migrations.Migration):
    dependencies = [("pixie", "0003_language_models")]
    operations = [migrations.RunPython(write_down, migrations.RunPython.noop)]
