import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groceries', '0002_templates'),
        ('homes', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='grocerylist',
            name='approved_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='approved'),
        ),
        migrations.AddField(
            model_name='grocerylist',
            name='approved_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='listentry',
            name='listed_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='put on the list'),
        ),
        migrations.AddConstraint(
            model_name='grocerylist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'draft'), _negated=True), models.Q(('approved_at', None), ('approved_by', None)), _connector='OR'), name='list_draft_is_not_approved'),
        ),
    ]
