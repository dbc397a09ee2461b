
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('groceries', '0012_guest_link_tokens'),
        ('homes', '0002_home_fills_pantry'),
    ]

    operations = [
        migrations.CreateModel(
            name='Barcode',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('code', models.CharField(max_length=64, verbose_name='code')),
                ('quantity', models.DecimalField(blank=True, decimal_places=3, max_digits=8, null=True, verbose_name='amount')),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
            ],
            options={
                'verbose_name': 'barcode',
                'verbose_name_plural': 'barcodes',
            },
        ),
        migrations.CreateModel(
            name='PantryBatch',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=8, verbose_name='amount')),
                ('unit', models.CharField(default='piece', max_length=20, verbose_name='unit')),
                ('best_before', models.DateField(blank=True, null=True, verbose_name='best before')),
                ('place', models.CharField(blank=True, choices=[('fridge', 'Fridge'), ('freezer', 'Freezer'), ('cupboard', 'Cupboard')], max_length=10, verbose_name='place')),
                ('entry_id', models.UUIDField(editable=False, null=True, unique=True)),
            ],
            options={
                'verbose_name': 'batch in the pantry',
                'verbose_name_plural': 'batches in the pantry',
            },
        ),
        migrations.AddField(
            model_name='item',
            name='min_quantity',
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=8, null=True, verbose_name='keep at least'),
        ),
        migrations.AddField(
            model_name='item',
            name='min_unit',
            field=models.CharField(blank=True, max_length=20, verbose_name='unit to keep'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('min_quantity__gt', 0)), name='item_minimum_positive'),
        ),
        migrations.AddField(
            model_name='barcode',
            name='home',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='homes.home'),
        ),
        migrations.AddField(
            model_name='barcode',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='barcodes', to='groceries.item'),
        ),
        migrations.AddField(
            model_name='pantrybatch',
            name='home',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='homes.home'),
        ),
        migrations.AddField(
            model_name='pantrybatch',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='groceries.item'),
        ),
        migrations.AddConstraint(
            model_name='barcode',
            constraint=models.UniqueConstraint(fields=('home', 'code'), name='barcode_once'),
        ),
        migrations.AddConstraint(
            model_name='barcode',
            constraint=models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='barcode_has_a_code'),
        ),
        migrations.AddConstraint(
            model_name='barcode',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='barcode_quantity_positive'),
        ),
        migrations.AddIndex(
            model_name='pantrybatch',
            index=models.Index(fields=['home', 'best_before'], name='batch_best_before'),
        ),
        migrations.AddConstraint(
            model_name='pantrybatch',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='batch_quantity_positive'),
        ),
        migrations.AddConstraint(
            model_name='pantrybatch',
            constraint=models.CheckConstraint(condition=models.Q(('place__in', ['', 'fridge', 'freezer', 'cupboard'])), name='batch_place_known'),
        ),
    ]
