"""十万件申报约 10 秒，给申报加一列，以前的申报都空着；消息多了“征集”一类。期间不能申报和审核。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_covers'),
        ('catalogue', '0003_calls'),
        ('enterprises', '0003_bank_accounts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='attachment',
            options={'ordering': ['application', models.OrderBy(models.F('material__call'), nulls_first=True), models.OrderBy(models.F('material__position'), nulls_last=True), 'pk'], 'verbose_name': '申报附件', 'verbose_name_plural': '申报附件'},
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_kind_is_valid',
        ),
        migrations.AddField(
            model_name='application',
            name='call',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='catalogue.call', verbose_name='征集'),
        ),
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('receipt', '收到申报'), ('progress', '办理进展'), ('correction', '需要补正'), ('notice', '公示'), ('decision', '办理结果'), ('note', '留言'), ('arrival', '新到申报'), ('money', '奖补和到账'), ('account', '企业账户'), ('call', '征集')], max_length=10, verbose_name='类别'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['receipt', 'progress', 'correction', 'notice', 'decision', 'note', 'arrival', 'money', 'account', 'call'])), name='message_kind_is_valid', violation_error_message='没有这种消息类别。'),
        ),
    ]
