"""十万件申报约 1 秒，给办理记录加一列，以前的都空着，另建一张新表；期间不能办理申报。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_assignment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='applicationevent',
            name='on_behalf_of',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代谁办理'),
        ),
        migrations.CreateModel(
            name='Cover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.DateField(verbose_name='从哪天起')),
                ('last', models.DateField(verbose_name='到哪天止')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('entered_at', models.DateTimeField(verbose_name='登记时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='提前结束')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='由谁结束')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='谁不在')),
                ('substitute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='covers', to=settings.AUTH_USER_MODEL, verbose_name='由谁代办')),
            ],
            options={
                'verbose_name': '代班',
                'verbose_name_plural': '代班',
                'ordering': ['first', 'pk'],
                'default_permissions': [],
                'constraints': [models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='cover_ends_after_it_begins', violation_error_message='最后一天不能早于第一天。'), models.CheckConstraint(condition=models.Q(('person', models.F('substitute')), _negated=True), name='cover_is_by_another', violation_error_message='代办的要是另一个人。'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='cover_ended_by_somebody', violation_error_message='提前结束要有人和时间。')],
            },
        ),
    ]
