from django.db import migrations, models


class Migration(migrations.Migration):
    """What others said elsewhere is found by their name."""

    dependencies = [
        ("chat", "0004_search"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["author_name"],
                name="message_brought_along",
                condition=models.Q(author_name__gt=""),
            ),
        ),
    ]
