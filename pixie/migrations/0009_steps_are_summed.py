from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    """What their runs know."""
    run = apps.get_model("pixie", "Run").objects.filter(pk=OuterRef("run"))
    of_run = {"home": "home", "agent": "agent", "asked_at": "created_at"}
    steps = apps.get_model("pixie", "RunStep").objects
    steps.update(**{name: Subquery(run.values(theirs)) for name, theirs in of_run.items()})


HOME: dict[str, Any] = {
    "to": "homes.home",
    "on_delete": django.db.models.deletion.CASCADE,
    "related_name": "+",
    "editable": False,
}
AGENT: dict[str, Any] = {**HOME, "to": "homes.agent"}
ASKED: dict[str, Any] = {"verbose_name": "asked", "editable": False}


class Migration(migrations.Migration):
    dependencies = [("pixie", "0008_prompt_index")]

    operations = [
        migrations.AddField("runstep", "home", models.ForeignKey(**HOME, null=True)),
        migrations.AddField("runstep", "agent", models.ForeignKey(**AGENT, null=True)),
        migrations.AddField("runstep", "asked_at", models.DateTimeField(**ASKED, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("runstep", "home", models.ForeignKey(**HOME)),
        migrations.AlterField("runstep", "agent", models.ForeignKey(**AGENT)),
        migrations.AlterField("runstep", "asked_at", models.DateTimeField(**ASKED)),
        migrations.RemoveIndex("run", "run_metered"),
        migrations.AddIndex("runstep", models.Index(fields=["home", "asked_at"], name="run_step_metered")),
    ]
