"""不到 1 秒，和申报多少无关：建一张审计记录表，给导出记录加两栏（SQLite 重写导出记录这一张表，一百万条几秒钟）；期间没有什么不能办。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('centre', '0005_figures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='exportlog',
            name='query',
            field=models.TextField(blank=True, editable=False, verbose_name='网址里的筛选'),
        ),
        migrations.AddField(
            model_name='exportlog',
            name='sha256',
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64, verbose_name='整个文件的 SHA-256'),
        ),
        migrations.CreateModel(
            name='AuditRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('jurisdiction_code', models.CharField(blank=True, help_text='空表示不限地区。', max_length=6, verbose_name='审计人所管行政区划')),
                ('kind', models.CharField(choices=[('sample', '随机抽样'), ('seal', '核对案卷'), ('export', '核对导出的文件')], max_length=6, verbose_name='做了什么')),
                ('subject', models.CharField(max_length=300, verbose_name='对什么')),
                ('outcome', models.TextField(verbose_name='结果')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('details', models.JSONField(blank=True, default=dict, verbose_name='详情')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审计人')),
            ],
            options={
                'verbose_name': '审计记录',
                'verbose_name_plural': '审计',
                'ordering': ['-at', '-pk'],
                'default_permissions': ['view'],
                'indexes': [models.Index(fields=['-at', '-id'], name='audit_record_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['sample', 'seal', 'export'])), name='audit_record_kind_is_valid', violation_error_message='没有这种审计记录。')],
            },
        ),
    ]
