from django.db import migrations

from pantry.db import WordIndex


class Migration(migrations.Migration):
    """A thing is also found by what it is described with."""

    dependencies = [
        ("groceries", "0005_what_was_bought"),
    ]

    operations = [
        WordIndex("groceries_item", "description", "item_described"),
    ]
