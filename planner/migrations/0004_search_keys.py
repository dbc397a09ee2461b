from typing import Any

from django.db import migrations

import groceries.models.item
from groceries.parsing.names import fold

KEY: dict[str, Any] = {"editable": False, "max_length": 400, "source": "title"}


def fill(apps: Any, schema_editor: Any) -> None:
    for name in ("Task", "CalendarEvent"):
        rows = apps.get_model("planner", name).objects
        for row in rows.only("id", "title").iterator():
            rows.filter(pk=row.pk).update(search_key=fold(row.title))


class Migration(migrations.Migration):
    dependencies = [("planner", "0003_task_repeats")]
    operations = [
        migrations.AddField(
            "task", "search_key", groceries.models.item.SearchKeyField(default="", **KEY), preserve_default=False
        ),
        migrations.AddField(
            "calendarevent", "search_key", groceries.models.item.SearchKeyField(default="", **KEY),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]  # fmt: skip
