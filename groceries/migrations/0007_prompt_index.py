from django.db import migrations

from pantry.db import PromptIndex


class Migration(migrations.Migration):
    dependencies = [
        ("groceries", "0006_search"),
    ]

    operations = [
        PromptIndex("item_words"),
    ]
