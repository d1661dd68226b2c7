"""十万件申报约 10 秒，申报多了“认定已撤销”“已终止”两种状态，另加一列“承继企业”，以前的都空着；期间不能申报和审核。"""


import applications.cases.workflow
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0005_review_requests'),
        ('catalogue', '0004_proofs'),
        ('enterprises', '0004_changes'),
        ('portal', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='application',
            name='application_status_is_valid',
        ),
        migrations.AddField(
            model_name='application',
            name='successor',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications_taken_over', to='enterprises.enterprise', verbose_name='承继企业'),
        ),
        migrations.AlterField(
            model_name='application',
            name='status',
            field=models.CharField(choices=[('submitted', '待受理'), ('in_review', '审核中'), ('returned', '待补正'), ('approved', '审核通过'), ('in_notice', '公示中'), ('recognised', '已认定'), ('revoked', '认定已撤销'), ('rejected', '未通过'), ('withdrawn', '已撤回'), ('lapsed', '逾期未补正'), ('closed', '已终止')], default=applications.cases.workflow.Status['SUBMITTED'], max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='applicationevent',
            name='action',
            field=models.CharField(choices=[('submit', '提交申报'), ('accept', '受理'), ('recommend', '本环节通过'), ('return', '退回补正'), ('resubmit', '补正后提交'), ('reject', '不予通过'), ('reopen', '撤回结论，重新审核'), ('ask_review', '申请复核'), ('uphold', '复核维持不予通过'), ('visit', '记录实地核查'), ('take_over', '接手办理'), ('assign', '分配办理'), ('unassign', '取消分配'), ('withdraw', '撤回申报'), ('lapse', '逾期结案'), ('post_notice', '开始公示'), ('end_notice', '公示期满'), ('withdraw_notice', '撤回公示'), ('recognise', '发文认定'), ('revoke', '撤销认定'), ('change_firm', '企业登记变更'), ('transfer', '转交另一县办理'), ('succeed', '由承继企业继续'), ('close', '终止办理')], max_length=20, verbose_name='操作'),
        ),
        migrations.AlterField(
            model_name='applicationevent',
            name='source',
            field=models.CharField(blank=True, choices=[('submitted', '待受理'), ('in_review', '审核中'), ('returned', '待补正'), ('approved', '审核通过'), ('in_notice', '公示中'), ('recognised', '已认定'), ('revoked', '认定已撤销'), ('rejected', '未通过'), ('withdrawn', '已撤回'), ('lapsed', '逾期未补正'), ('closed', '已终止')], max_length=10, verbose_name='原状态'),
        ),
        migrations.AlterField(
            model_name='applicationevent',
            name='target',
            field=models.CharField(choices=[('submitted', '待受理'), ('in_review', '审核中'), ('returned', '待补正'), ('approved', '审核通过'), ('in_notice', '公示中'), ('recognised', '已认定'), ('revoked', '认定已撤销'), ('rejected', '未通过'), ('withdrawn', '已撤回'), ('lapsed', '逾期未补正'), ('closed', '已终止')], max_length=10, verbose_name='新状态'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['submitted', 'in_review', 'returned', 'approved', 'in_notice', 'recognised', 'revoked', 'rejected', 'withdrawn', 'lapsed', 'closed'])), name='application_status_is_valid', violation_error_message='没有这种申报状态。'),
        ),
    ]
