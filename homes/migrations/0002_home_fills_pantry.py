from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("homes", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                # Django would make the table anew on SQLite, which the triggers of the event log don't survive.
                migrations.RunSQL(
                    "ALTER TABLE homes_home ADD COLUMN fills_pantry bool NOT NULL DEFAULT false",
                    "ALTER TABLE homes_home DROP COLUMN fills_pantry",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="home",
                    name="fills_pantry",
                    field=models.BooleanField(default=False, verbose_name="put purchases into the pantry"),
                ),
            ],
        ),
    ]
