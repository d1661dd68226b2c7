"""不到 1 秒，和申报多少无关，建两张新表，给申报材料加一列；期间不能打开政策页面、编辑政策和申报。"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0002_condition_in_a_sentence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CallEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('action', models.CharField(choices=[('open', '开放'), ('move', '改截止日'), ('withdraw', '撤回')], max_length=8, verbose_name='操作')),
                ('last_day_before', models.DateField(blank=True, null=True, verbose_name='原截止日')),
                ('last_day', models.DateField(blank=True, null=True, verbose_name='截止日')),
                ('reason', models.TextField(blank=True, verbose_name='理由')),
            ],
            options={
                'verbose_name': '征集记录',
                'verbose_name_plural': '征集记录',
                'ordering': ['at', 'pk'],
                'default_permissions': ['view'],
            },
        ),
        migrations.AlterField(
            model_name='material',
            name='edition',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='materials', to='catalogue.edition', verbose_name='版本'),
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('text', models.TextField(max_length=4000, verbose_name='正文')),
                ('document_number', models.CharField(blank=True, max_length=60, verbose_name='通知文号')),
                ('opens_on', models.DateField(verbose_name='开始日期')),
                ('closes_on', models.DateField(blank=True, help_text='空表示常年受理。', null=True, verbose_name='截止日期（含当天）')),
                ('places_are', models.CharField(choices=[('limited', '有名额'), ('unlimited', '不限名额'), ('unpublished', '名额未公布')], max_length=11, verbose_name='名额')),
                ('places', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='几个名额')),
                ('office', models.CharField(max_length=100, verbose_name='联系科室')),
                ('telephone', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('(^|[^0-9-])1[3-9][0-9]([ -]?[0-9]){8}($|[^0-9])', '请填办公电话，不公开手机号码。', inverse_match=True)], verbose_name='联系电话')),
                ('status', models.CharField(choices=[('draft', '草稿'), ('open', '已开放'), ('withdrawn', '已撤回')], default='draft', max_length=9, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('drafted_at', models.DateTimeField(verbose_name='拟稿时间')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='开放时间')),
                ('alone_reason', models.TextField(blank=True, verbose_name='由拟稿人自己开放的理由')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='catalogue.document', verbose_name='政策文件')),
                ('drafted_by', models.ForeignKey(help_text='最后改过草稿的人。', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟稿人')),
                ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='开放人')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='catalogue.programme', verbose_name='项目')),
            ],
            options={
                'verbose_name': '征集',
                'verbose_name_plural': '征集',
                'ordering': ['-opens_on', '-pk'],
                'permissions': [('manage_calls', '可以拟定、开放征集，改截止日')],
                'default_permissions': ['view'],
            },
        ),
        migrations.AddField(
            model_name='material',
            name='call',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='materials', to='catalogue.call', verbose_name='征集'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.UniqueConstraint(fields=('call', 'name'), name='material_of_call_is_named_once', violation_error_message='同一次征集中材料不能重名。'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('call', None), ('edition__isnull', False)), models.Q(('call__isnull', False), ('edition', None)), _connector='OR'), name='material_is_of_an_edition_or_a_call', violation_error_message='材料属于一个版本，或者属于一次征集。'),
        ),
        migrations.AddField(
            model_name='callevent',
            name='actor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人'),
        ),
        migrations.AddField(
            model_name='callevent',
            name='call',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='catalogue.call', verbose_name='征集'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'open', 'withdrawn'])), name='call_status_is_valid', violation_error_message='没有这种征集状态。'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('closes_on', None), ('closes_on__gte', models.F('opens_on')), _connector='OR'), name='call_closes_after_it_opens', violation_error_message='截止日期不能早于开始日期。'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('places__gte', 1), ('places__isnull', False), ('places_are', 'limited')), models.Q(('places', None), ('places_are__in', ['unlimited', 'unpublished'])), _connector='OR'), name='call_places_are_known_or_not', violation_error_message='有名额的要填几个，不限或未公布的不填。'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True), models.Q(('office', ''), _negated=True), models.Q(('telephone', ''), _negated=True)), name='call_says_whom_to_ask', violation_error_message='请填标题、正文、联系科室和电话。'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('telephone__regex', '(^|[^0-9-])1[3-9][0-9]([ -]?[0-9]){8}($|[^0-9])'), _negated=True), name='call_telephone_is_no_mobile', violation_error_message='请填办公电话，不公开手机号码。'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('alone_reason', ''), ('opened_at', None), ('opened_by', None), ('status', 'draft')), models.Q(('opened_at__isnull', False), ('opened_by__isnull', False), ('status__in', ['open', 'withdrawn'])), _connector='OR'), name='call_is_opened_by_somebody', violation_error_message='开放征集要记明时间和经办人。'),
        ),
        migrations.AddConstraint(
            model_name='callevent',
            constraint=models.CheckConstraint(condition=models.Q(('action', 'open'), models.Q(('action__in', ['move', 'withdraw']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='call_event_says_why', violation_error_message='改截止日和撤回征集，都要写明理由。'),
        ),
    ]
