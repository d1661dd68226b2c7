"""不到 1 秒，和申报多少无关，多两种办理记录；期间没有什么不能办。"""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0006_revoked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='applicationevent',
            name='action',
            field=models.CharField(choices=[('submit', '提交申报'), ('accept', '受理'), ('recommend', '本环节通过'), ('return', '退回补正'), ('resubmit', '补正后提交'), ('reject', '不予通过'), ('reopen', '撤回结论，重新审核'), ('ask_review', '申请复核'), ('uphold', '复核维持不予通过'), ('visit', '记录实地核查'), ('take_over', '接手办理'), ('assign', '分配办理'), ('unassign', '取消分配'), ('withdraw', '撤回申报'), ('lapse', '逾期结案'), ('post_notice', '开始公示'), ('end_notice', '公示期满'), ('withdraw_notice', '撤回公示'), ('recognise', '发文认定'), ('revoke', '撤销认定'), ('change_firm', '企业登记变更'), ('transfer', '转交另一县办理')], max_length=20, verbose_name='操作'),
        ),
    ]
