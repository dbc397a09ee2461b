from django.db import migrations, models

from pantry.db import TextIndex


class Migration(migrations.Migration):
    """What a home's messages are looked through by."""

    dependencies = [
        ("chat", "0003_words_brought_along"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["home", "seq"], name="message_newest"),
        ),
        TextIndex("chat_message", "body"),
    ]
