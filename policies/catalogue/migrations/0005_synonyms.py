"""不到 1 秒，与申报多少无关，建两张新表；期间没有什么不能做。"""
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0004_proofs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalSynonym',
            fields=[
                ('word', models.CharField(db_index=True, error_messages={'unique': '已有这个词，请打开它修改。'}, help_text='企业在查找框里会输入的词，如“高企”“电费”。拼音、首字母、同音字和错字不用写，本来就能找到。', max_length=20, validators=[django.core.validators.RegexValidator('^[a-z0-9\\u3400-\\u9fff]{1,20}$', '只写一个词，最多 20 个字：汉字、小写字母和数字，中间不空格。')], verbose_name='人们怎么说')),
                ('means', models.JSONField(default=list, verbose_name='政策里怎么说')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '同义词变更',
                'verbose_name_plural': '同义词变更',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('word', models.CharField(error_messages={'unique': '已有这个词，请打开它修改。'}, help_text='企业在查找框里会输入的词，如“高企”“电费”。拼音、首字母、同音字和错字不用写，本来就能找到。', max_length=20, primary_key=True, serialize=False, validators=[django.core.validators.RegexValidator('^[a-z0-9\\u3400-\\u9fff]{1,20}$', '只写一个词，最多 20 个字：汉字、小写字母和数字，中间不空格。')], verbose_name='人们怎么说')),
                ('means', models.JSONField(default=list, verbose_name='政策里怎么说')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='更新时间')),
            ],
            options={
                'verbose_name': '同义词',
                'verbose_name_plural': '同义词',
                'ordering': ['word'],
                'constraints': [models.CheckConstraint(condition=models.Q(('word__regex', '^[a-z0-9\\u3400-\\u9fff]{1,20}$')), name='synonym_is_one_word', violation_error_message='只写一个词，最多 20 个字：汉字、小写字母和数字，中间不空格。')],
            },
        ),
    ]
