from django.db import migrations

from pantry.db import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("homes", "0001_initial")]

    operations = [
        AppendOnly(
            "homes_event",
            frozen=(
                "id", "created_at", "home_id", "seq", "type", "actor_user_id", "actor_agent_id", "door",
                "channel_id", "op_id", "subject_id",
            ),
            mark="redacted_at",
            parent="homes_home",
            parent_column="home_id",
        )
    ]  # fmt: skip
