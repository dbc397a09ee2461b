from django.db import migrations

from pantry.db import PromptIndex


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0005_brought_along"),
    ]

    operations = [
        PromptIndex("chat_message_stems"),
    ]
