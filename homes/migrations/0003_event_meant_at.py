from django.db import migrations, models

from pantry.db import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("homes", "0002_append_only")]

    operations = [
        migrations.AddField("event", "meant_at", models.DateTimeField(null=True, verbose_name="meant")),
        AppendOnly(
            "homes_event",
            frozen=(
                "id", "created_at", "home_id", "seq", "type", "actor_user_id", "actor_agent_id", "door",
                "channel_id", "op_id", "meant_at", "subject_id",
            ),
            mark="redacted_at",
            parent="homes_home",
            parent_column="home_id",
        ),
    ]  # fmt: skip
