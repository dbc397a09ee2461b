from typing import Any

from django.db import migrations, models

import groceries.models.item
from groceries.parsing.names import fold


def fill(apps: Any, schema_editor: Any) -> None:
    items = apps.get_model("groceries", "Item").objects
    for row in items.only("id", "name").iterator():
        items.filter(pk=row.pk).update(search_key=fold(row.name))


class Migration(migrations.Migration):
    dependencies = [("groceries", "0003_approval")]
    operations = [
        migrations.AddField(
            "item", "search_key", groceries.models.item.SearchKeyField(default="", editable=False, max_length=200),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex("item", "item_name"),
        migrations.AddIndex("item", models.Index(fields=["home", "search_key"], name="item_search_key")),
    ]  # fmt: skip
