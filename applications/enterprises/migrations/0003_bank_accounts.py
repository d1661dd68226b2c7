"""不到 1 秒，和申报多少无关，只建一张新表；期间没有什么不能办。"""

import applications.enterprises.models.bank_account
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0002_calendar_addresses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(max_length=200, verbose_name='开户名')),
                ('bank', models.CharField(max_length=200, verbose_name='开户行')),
                ('number', models.CharField(max_length=32, validators=[applications.enterprises.models.bank_account.check_number], verbose_name='账号')),
                ('entered_at', models.DateTimeField(verbose_name='填写时间')),
                ('by_staff', models.BooleanField(default=False, verbose_name='县中心代填')),
                ('state', models.CharField(choices=[('pending', '待核对'), ('confirmed', '已核对'), ('refused', '核对未通过'), ('replaced', '核对前已另填')], default='pending', max_length=9, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='核对时间')),
                ('reason', models.TextField(blank=True, verbose_name='未通过的原因')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核对人')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填写人')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_accounts', to='enterprises.enterprise', verbose_name='企业')),
            ],
            options={
                'verbose_name': '收款账户',
                'verbose_name_plural': '收款账户',
                'ordering': ['-entered_at', '-pk'],
                'permissions': [('handle_bank_account', '可以看到完整的收款账户，并核对')],
                'default_permissions': ['view'],
                'indexes': [models.Index(fields=['enterprise', 'state', '-decided_at', '-id'], name='bank_account_current')],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__regex', '^[0-9]{8,32}$')), name='bank_account_number_is_digits', violation_error_message='账号应是 8 到 32 位数字。'), models.CheckConstraint(condition=models.Q(models.Q(('holder', ''), _negated=True), models.Q(('bank', ''), _negated=True)), name='bank_account_is_named', violation_error_message='请填开户名和开户行。'), models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('enterprise',), name='bank_account_waits_once_a_firm', violation_error_message='这家企业已有一个账户在等核对。'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('reason', ''), ('state', 'pending')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('reason', ''), ('state__in', ['confirmed', 'replaced'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'refused'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='bank_account_is_decided_by_somebody', violation_error_message='核对要记明谁、什么时候；未通过的要写明原因。')],
            },
        ),
    ]
