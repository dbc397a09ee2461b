from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, models


def start_when_due(apps: Any, schema_editor: Any) -> None:
    """Let rules count from the day on which they are due next, since nothing tells when they began."""
    rows = apps.get_model("groceries", "RecurringItem").objects
    for pk, due, zone in rows.values_list("pk", "next_due_at", "home__timezone").iterator():
        rows.filter(pk=pk).update(starts_on=due.astimezone(ZoneInfo(zone)).date())


class Migration(migrations.Migration):
    dependencies = [("groceries", "0004_item_search_key")]

    operations = [
        migrations.RemoveConstraint(model_name="recurringitem", name="recurring_once"),
        migrations.RemoveField(model_name="recurringitem", name="frequency"),
        migrations.AddField("recurringitem", "starts_on", models.DateField("first day", null=True)),
        migrations.RunPython(start_when_due, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("recurringitem", "starts_on", models.DateField("first day")),
    ]
