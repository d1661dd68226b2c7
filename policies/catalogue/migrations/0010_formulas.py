"""不到 1 秒，与申报多少无关，建两张新表，给政策版本加一列；期间不能打开政策页面、测算、申报和编辑政策。"""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0009_examples_of_editions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='edition',
            name='formulas',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='用到的公式'),
        ),
        migrations.AddField(
            model_name='historicaledition',
            name='formulas',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='用到的公式'),
        ),
        migrations.CreateModel(
            name='Formula',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='规则用它指这个公式，如 rd.share；同一公式的各个版本用同一个键。', max_length=80, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+$', '键用小写英文字母、数字和下划线，分组之间用点，如 revenue.main_business.y0。')], verbose_name='名称（键）')),
                ('effective_from', models.DateField(help_text='从这一天起起用的政策版本用这一版；以前发布的版本不受影响。', verbose_name='起用日期')),
                ('label', models.CharField(help_text='如 研发费用占比。', max_length=100, verbose_name='叫什么')),
                ('unit', models.CharField(blank=True, help_text='比例按百分数显示；空着就用算出来的单位。', max_length=20, verbose_name='单位')),
                ('quantity', models.JSONField(verbose_name='怎么算')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='更新时间')),
            ],
            options={
                'verbose_name': '公式',
                'verbose_name_plural': '公式',
                'ordering': ['key', '-effective_from'],
                'constraints': [models.UniqueConstraint(fields=('key', 'effective_from'), name='formula_begins_once_a_day', violation_error_message='这个公式在这一天已有一个版本。'), models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+$')), name='formula_key_is_an_identifier', violation_error_message='键用小写英文字母、数字和下划线，分组之间用点，如 revenue.main_business.y0。')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalFormula',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('key', models.CharField(help_text='规则用它指这个公式，如 rd.share；同一公式的各个版本用同一个键。', max_length=80, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+$', '键用小写英文字母、数字和下划线，分组之间用点，如 revenue.main_business.y0。')], verbose_name='名称（键）')),
                ('effective_from', models.DateField(help_text='从这一天起起用的政策版本用这一版；以前发布的版本不受影响。', verbose_name='起用日期')),
                ('label', models.CharField(help_text='如 研发费用占比。', max_length=100, verbose_name='叫什么')),
                ('unit', models.CharField(blank=True, help_text='比例按百分数显示；空着就用算出来的单位。', max_length=20, verbose_name='单位')),
                ('quantity', models.JSONField(verbose_name='怎么算')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '公式变更',
                'verbose_name_plural': '公式变更',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
