from django.db import migrations, models

from pantry.db import WordIndex


class Migration(migrations.Migration):
    """What a home of ten thousand items is looked through by."""

    dependencies = [
        ("groceries", "0003_trips"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["home", "created_at"], name="item_newest"),
        ),
        WordIndex("groceries_item", "name", "item_words"),
    ]
