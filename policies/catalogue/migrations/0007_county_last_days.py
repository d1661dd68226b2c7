"""不到 1 秒，和申报多少无关，建一张空表；期间没有什么不能办。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', "0006_sources"),
        ('portal', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CountyLastDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_day', models.DateField(blank=True, null=True, verbose_name='县里的截止日')),
                ('reason', models.TextField(verbose_name='理由')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='county_last_days', to='catalogue.call', verbose_name='征集')),
                ('county', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.jurisdiction', verbose_name='县（市、区）')),
            ],
            options={
                'verbose_name': '县里的截止日',
                'verbose_name_plural': '县里的截止日',
                'ordering': ['at', 'pk'],
                'default_permissions': ['view'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='county_last_day_says_why', violation_error_message='县里另定截止日，要写明理由。')],
            },
        ),
    ]
