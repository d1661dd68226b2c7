"""不到 1 秒，和企业多少无关，只建一张新表；期间没有什么不能办。"""


import applications.enterprises.names
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0003_bank_accounts'),
        ('portal', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EnterpriseChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', '待复核'), ('confirmed', '已生效'), ('refused', '复核未通过'), ('withdrawn', '提出人已撤回')], default='pending', max_length=9, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('answer', models.TextField(blank=True, verbose_name='未通过的原因')),
                ('kind', models.CharField(choices=[('renamed', '更名'), ('moved', '迁移'), ('merged', '被合并')], max_length=7, verbose_name='变更')),
                ('document_number', models.CharField(max_length=60, verbose_name='变更通知文号')),
                ('on', models.DateField(verbose_name='变更日期')),
                ('former_name', models.CharField(blank=True, max_length=200, verbose_name='原名称')),
                ('name', models.CharField(blank=True, max_length=200, validators=[applications.enterprises.names.check_name], verbose_name='新名称')),
                ('note', models.TextField(blank=True, verbose_name='说明')),
                ('county', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.jurisdiction', verbose_name='新注册地')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='enterprises.enterprise', verbose_name='企业')),
                ('former_county', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.jurisdiction', verbose_name='原注册地')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='enterprises.enterprise', verbose_name='承继企业')),
            ],
            options={
                'verbose_name': '企业登记变更',
                'verbose_name_plural': '企业登记变更',
                'ordering': ['-proposed_at', '-pk'],
                'default_permissions': ['view'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_at', None), ('decided_by', None), ('state', 'pending')), models.Q(('answer', ''), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['confirmed', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'refused'), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='enterprisechange_is_decided_by_somebody', violation_error_message='复核要记明谁、什么时候；未通过的要写明原因。'), models.CheckConstraint(condition=models.Q(models.Q(('county', None), ('former_county', None), ('kind', 'renamed'), ('successor', None), models.Q(('name', ''), _negated=True), models.Q(('former_name', ''), _negated=True), models.Q(('name', models.F('former_name')), _negated=True)), models.Q(('former_name', ''), ('kind', 'moved'), ('name', ''), ('successor', None), ('county__isnull', False), ('former_county__isnull', False), models.Q(('county', models.F('former_county')), _negated=True)), models.Q(('county', None), ('former_county', None), ('former_name', ''), ('kind', 'merged'), ('name', ''), ('successor__isnull', False), models.Q(('successor', models.F('enterprise')), _negated=True)), _connector='OR'), name='enterprise_change_says_from_what_to_what', violation_error_message='更名要有新旧名称，迁移要有新旧注册地，合并要有承继企业。'), models.CheckConstraint(condition=models.Q(('document_number', ''), _negated=True), name='enterprise_change_names_its_document', violation_error_message='请填变更通知的文号。'), models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('enterprise',), name='enterprise_change_waits_once_a_firm', violation_error_message='这家企业已有一项变更在等复核。')],
            },
        ),
    ]
