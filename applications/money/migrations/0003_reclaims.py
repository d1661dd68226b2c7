"""十万项奖补约 2 秒，给奖补加一列“暂停给付”、给退回加一列“追回”，以前的都空着，另建两张空表；期间不能办理奖补和支付。"""


import applications.money.models.money_field
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0006_revoked_and_succeeded'),
        ('money', '0002_payment_accounts'),
        ('portal', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Reclaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', '待复核'), ('confirmed', '已生效'), ('refused', '复核未通过'), ('withdrawn', '提出人已撤回')], default='pending', max_length=9, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('answer', models.TextField(blank=True, verbose_name='未通过的原因')),
                ('amount', applications.money.models.money_field.MoneyField(verbose_name='追回金额（万元）')),
                ('reason', models.TextField(verbose_name='原因')),
                ('document_number', models.CharField(max_length=60, verbose_name='文号')),
                ('due_on', models.DateField(verbose_name='最后期限')),
                ('recovered', applications.money.models.money_field.MoneyField(default=Decimal('0'), verbose_name='已收回（万元）')),
                ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='不再追回时间')),
            ],
            options={
                'verbose_name': '追回',
                'verbose_name_plural': '追回',
                'ordering': ['-proposed_at', '-pk'],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='ReclaimDrop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', '待复核'), ('confirmed', '已生效'), ('refused', '复核未通过'), ('withdrawn', '提出人已撤回')], default='pending', max_length=9, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('answer', models.TextField(blank=True, verbose_name='未通过的原因')),
                ('reason', models.TextField(verbose_name='原因')),
            ],
            options={
                'verbose_name': '不再追回',
                'verbose_name_plural': '不再追回',
                'ordering': ['proposed_at', 'pk'],
                'default_permissions': [],
            },
        ),
        migrations.AddField(
            model_name='awardline',
            name='hold',
            field=models.CharField(blank=True, choices=[('revoked', '认定已撤销'), ('moved', '企业已迁出'), ('merged', '企业已被合并')], default='', editable=False, max_length=7, verbose_name='暂停给付'),
        ),
        migrations.AlterField(
            model_name='awardevent',
            name='action',
            field=models.CharField(choices=[('prepare', '认定时列出'), ('set_amount', '核定金额'), ('set_year', '定给付年度'), ('assign_fund', '安排资金'), ('confirm', '确认条件'), ('reopen', '退回待确认'), ('approve', '批准支付'), ('schedule', '列入支付批次'), ('unschedule', '移出支付批次'), ('pay', '支付'), ('refund', '退回'), ('void', '不再给付'), ('hold', '暂停给付'), ('release', '恢复给付'), ('reclaim', '追回'), ('drop_reclaim', '不再追回')], max_length=12, verbose_name='操作'),
        ),
        migrations.AddIndex(
            model_name='awardline',
            index=models.Index(condition=models.Q(('hold', ''), _negated=True), fields=['id'], name='award_line_held'),
        ),
        migrations.AddField(
            model_name='reclaim',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人'),
        ),
        migrations.AddField(
            model_name='reclaim',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reclaims', to='money.awardline', verbose_name='奖补'),
        ),
        migrations.AddField(
            model_name='reclaim',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='refund',
            name='reclaim',
            field=models.ForeignKey(blank=True, help_text='空表示不是追回的，如银行退票、企业主动退还。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='money.reclaim', verbose_name='追回'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('reclaim', None), ('pay_again', False), _connector='OR'), name='refund_of_a_claim_is_not_paid_again', violation_error_message='追回的钱不再支付。'),
        ),
        migrations.AddField(
            model_name='reclaimdrop',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人'),
        ),
        migrations.AddField(
            model_name='reclaimdrop',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='reclaimdrop',
            name='reclaim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drops', to='money.reclaim', verbose_name='追回'),
        ),
        migrations.AddIndex(
            model_name='reclaim',
            index=models.Index(condition=models.Q(('dropped_at', None), ('recovered__lt', models.F('amount')), ('state', 'confirmed')), fields=['due_on'], name='reclaim_open'),
        ),
        migrations.AddConstraint(
            model_name='reclaim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_at', None), ('decided_by', None), ('state', 'pending')), models.Q(('answer', ''), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['confirmed', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'refused'), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='reclaim_is_decided_by_somebody', violation_error_message='复核要记明谁、什么时候；未通过的要写明原因。'),
        ),
        migrations.AddConstraint(
            model_name='reclaim',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('recovered__gte', 0), ('recovered__lte', models.F('amount'))), name='reclaim_is_of_money_and_not_beyond_itself', violation_error_message='追回金额应大于 0，收回不能多于追回的金额。'),
        ),
        migrations.AddConstraint(
            model_name='reclaim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('document_number', ''), _negated=True)), name='reclaim_says_why', violation_error_message='请填文号和原因。'),
        ),
        migrations.AddConstraint(
            model_name='reclaim',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'confirmed'), models.Q(('dropped_at', None), ('recovered', 0)), _connector='OR'), name='reclaim_moves_when_confirmed_only', violation_error_message='复核以后才能收回。'),
        ),
        migrations.AddConstraint(
            model_name='reclaimdrop',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_at', None), ('decided_by', None), ('state', 'pending')), models.Q(('answer', ''), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['confirmed', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'refused'), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='reclaimdrop_is_decided_by_somebody', violation_error_message='复核要记明谁、什么时候；未通过的要写明原因。'),
        ),
        migrations.AddConstraint(
            model_name='reclaimdrop',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='reclaim_drop_says_why', violation_error_message='请写明原因。'),
        ),
        migrations.AddConstraint(
            model_name='reclaimdrop',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['pending', 'confirmed'])), fields=('reclaim',), name='reclaim_drop_stands_once', violation_error_message='已有人提出不再追回。'),
        ),
    ]
