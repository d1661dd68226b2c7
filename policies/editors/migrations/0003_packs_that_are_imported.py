"""不到 1 秒，和申报多少无关，建一张空表；期间没有什么不能办。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('editors', '0002_edition_proposals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PackImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', '待复核'), ('confirmed', '已生效'), ('refused', '复核未通过'), ('withdrawn', '提出人已撤回')], default='pending', max_length=9, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('answer', models.TextField(blank=True, verbose_name='未通过的原因')),
                ('file_name', models.CharField(max_length=200, verbose_name='文件')),
                ('files', models.JSONField(verbose_name='内容')),
                ('reason', models.TextField(verbose_name='从哪里来，为什么导入')),
                ('jurisdiction_code', models.CharField(blank=True, max_length=6, verbose_name='提出人所管')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '导入的目录包',
                'verbose_name_plural': '导入的目录包',
                'ordering': ['-proposed_at', '-id'],
                'abstract': False,
                'default_permissions': ('view',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_at', None), ('decided_by', None), ('state', 'pending')), models.Q(('answer', ''), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['confirmed', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'refused'), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='packimport_is_decided_by_somebody', violation_error_message='复核要记明谁、什么时候；未通过的要写明原因。')],
            },
        ),
    ]
