from typing import Any

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models
from django.db.models import F

import groceries.models.item

DEFAULTS = ["produce", "dairy", "staple", "protein", "household", "other"]


def fill(apps: Any, schema_editor: Any) -> None:
    apps.get_model("groceries", "Category").objects.filter(name__in=DEFAULTS).update(stands_for=F("name"))


class Migration(migrations.Migration):
    dependencies = [("groceries", "0007_stores"), ("homes", "0001_initial")]
    operations = [
        migrations.AddField(
            "category",
            "stands_for",
            models.CharField(blank=True, default="", editable=False, max_length=60, verbose_name="stands for"),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.CreateModel(
            name="ItemAlias",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("normalized_name", models.CharField(editable=False, max_length=100)),
                ("search_key", groceries.models.item.SearchKeyField(editable=False, max_length=200)),
                (
                    "home",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="homes.home"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="groceries.item"
                    ),
                ),
            ],
            options={
                "verbose_name": "other name of an item",
                "verbose_name_plural": "other names of items",
                "ordering": ["search_key", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("home", "normalized_name"), name="item_alias_once"),
                    models.CheckConstraint(
                        condition=models.Q(("normalized_name", ""), _negated=True), name="item_alias_has_a_name"
                    ),
                ],
            },
        ),
    ]
