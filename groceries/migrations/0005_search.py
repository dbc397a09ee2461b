from django.db import migrations

from pantry.db import WordIndex


class Migration(migrations.Migration):
    """A thing is also found by what it is described with."""

    dependencies = [
        ("groceries", "0004_ten_thousand_items"),
    ]

    operations = [
        WordIndex("groceries_item", "description", "item_described"),
    ]
