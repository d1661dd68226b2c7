"""十万件申报约 1 秒，给企业称号加“终止日期”“终止原因”两列，以前的都空着，另建一张空表；期间不能登记认定。"""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0004_changes'),
        ('notices', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Revocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', '待复核'), ('confirmed', '已生效'), ('refused', '复核未通过'), ('withdrawn', '提出人已撤回')], default='pending', max_length=9, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('answer', models.TextField(blank=True, verbose_name='未通过的原因')),
                ('document_number', models.CharField(max_length=60, verbose_name='文号')),
                ('on', models.DateField(help_text='从这一天起不再有效。', verbose_name='撤销日期')),
                ('clause', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('reason', models.TextField(verbose_name='原因')),
            ],
            options={
                'verbose_name': '撤销认定',
                'verbose_name_plural': '撤销认定',
                'ordering': ['-proposed_at', '-pk'],
                'default_permissions': ['view'],
            },
        ),
        migrations.AddField(
            model_name='enterprisetitle',
            name='end_reason',
            field=models.TextField(blank=True, verbose_name='终止原因'),
        ),
        migrations.AddField(
            model_name='enterprisetitle',
            name='ended_on',
            field=models.DateField(blank=True, null=True, verbose_name='终止日期'),
        ),
        migrations.AddConstraint(
            model_name='enterprisetitle',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('since')), _connector='OR'), name='title_is_not_ended_before_it_starts', violation_error_message='终止日期不能早于起始日期。'),
        ),
        migrations.AddConstraint(
            model_name='enterprisetitle',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_on', None)), models.Q(('ended_on__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='title_ends_for_a_reason', violation_error_message='终止称号要写明原因。'),
        ),
        migrations.AddField(
            model_name='revocation',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人'),
        ),
        migrations.AddField(
            model_name='revocation',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revocations', to='notices.recognitionline', verbose_name='认定'),
        ),
        migrations.AddField(
            model_name='revocation',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddConstraint(
            model_name='revocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_at', None), ('decided_by', None), ('state', 'pending')), models.Q(('answer', ''), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['confirmed', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'refused'), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='revocation_is_decided_by_somebody', violation_error_message='复核要记明谁、什么时候；未通过的要写明原因。'),
        ),
        migrations.AddConstraint(
            model_name='revocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document_number', ''), _negated=True), models.Q(('reason', ''), _negated=True)), name='revocation_says_why', violation_error_message='请填文号和原因。'),
        ),
        migrations.AddConstraint(
            model_name='revocation',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['pending', 'confirmed'])), fields=('line',), name='revocation_stands_once_a_line', violation_error_message='这件认定已撤销，或者已有人提出撤销。'),
        ),
    ]
