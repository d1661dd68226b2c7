"""不到 1 秒，和申报多少无关，多两种办理记录，另建一张空表；期间没有什么不能办。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_calls'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='applicationevent',
            name='action',
            field=models.CharField(choices=[('submit', '提交申报'), ('accept', '受理'), ('recommend', '本环节通过'), ('return', '退回补正'), ('resubmit', '补正后提交'), ('reject', '不予通过'), ('reopen', '撤回结论，重新审核'), ('ask_review', '申请复核'), ('uphold', '复核维持不予通过'), ('visit', '记录实地核查'), ('take_over', '接手办理'), ('assign', '分配办理'), ('unassign', '取消分配'), ('withdraw', '撤回申报'), ('lapse', '逾期结案'), ('post_notice', '开始公示'), ('end_notice', '公示期满'), ('withdraw_notice', '撤回公示'), ('recognise', '发文认定')], max_length=20, verbose_name='操作'),
        ),
        migrations.CreateModel(
            name='ReviewRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='申请理由')),
                ('due_on', models.DateField(help_text='空表示申请时跨入的年份还没有登记放假安排。', null=True, verbose_name='申请截止日')),
                ('requested_at', models.DateTimeField(verbose_name='申请时间')),
                ('outcome', models.CharField(blank=True, choices=[('upheld', '维持不予通过'), ('reopened', '撤回结论，重新审核')], max_length=10, verbose_name='答复')),
                ('answer', models.TextField(blank=True, verbose_name='答复理由')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='答复时间')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('application', models.OneToOneField(error_messages={'unique': '这件申报已经申请过复核，只能申请一次。'}, on_delete=django.db.models.deletion.PROTECT, related_name='review_request', to='cases.application', verbose_name='申报')),
                ('rejection', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.applicationevent', verbose_name='不予通过')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '复核申请',
                'verbose_name_plural': '复核申请',
                'ordering': ['requested_at', 'pk'],
                'default_permissions': [],
                'indexes': [models.Index(condition=models.Q(('outcome', '')), fields=['requested_at'], name='review_request_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='review_request_says_why', violation_error_message='申请复核要写明理由。'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('outcome', '')), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False), ('outcome__in', ['reopened', 'upheld'])), _connector='OR'), name='review_request_is_answered_whole', violation_error_message='答复复核要有结果、理由、人和时间。')],
            },
        ),
    ]
