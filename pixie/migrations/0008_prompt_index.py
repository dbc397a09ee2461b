from django.db import migrations

from pantry.db import PromptIndex


class Migration(migrations.Migration):
    dependencies = [
        ("pixie", "0007_schedules"),
    ]

    operations = [
        PromptIndex("pixie_passage_by_words"),
    ]
