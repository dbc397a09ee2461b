from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groceries', '0001_initial'),
        ('homes', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='grocerylist',
            name='is_template',
            field=models.BooleanField(default=False, verbose_name='template'),
        ),
        migrations.AddConstraint(
            model_name='grocerylist',
            constraint=models.CheckConstraint(condition=models.Q(('is_template', False), ('state', 'draft'), _connector='OR'), name='list_template_is_a_draft'),
        ),
    ]
