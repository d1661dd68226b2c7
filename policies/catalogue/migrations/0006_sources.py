"""不到 1 秒，和申报多少无关，建四张新表，给政策文件加一列；期间不能打开政策页面、测算、申报和编辑政策。之后请运行 manage.py load_catalogue，载入各条款说的是什么。"""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0005_synonyms'),
        ('portal', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Clause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, help_text='照文件里的先后，从小到大。', verbose_name='次序')),
                ('name', models.CharField(help_text='与条件、奖补的依据写法一样，如 三（四）。', max_length=200, verbose_name='条款')),
                ('gist', models.CharField(help_text='用自己的话写一句，公开显示；不抄原文。', max_length=200, verbose_name='说的是什么')),
                ('cited_as', models.JSONField(blank=True, default=list, verbose_name='和别的条款合在一起引用的写法')),
                ('parts', models.JSONField(blank=True, default=list, editable=False, verbose_name='列在项目的哪一部分')),
                ('reason', models.CharField(blank=True, help_text='有条件、奖补或材料依据它，就空着。', max_length=300, verbose_name='没有项目依据它的原因')),
            ],
            options={
                'verbose_name': '条款',
                'verbose_name_plural': '条款',
                'ordering': ['document', 'position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalClause',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, help_text='照文件里的先后，从小到大。', verbose_name='次序')),
                ('name', models.CharField(help_text='与条件、奖补的依据写法一样，如 三（四）。', max_length=200, verbose_name='条款')),
                ('gist', models.CharField(help_text='用自己的话写一句，公开显示；不抄原文。', max_length=200, verbose_name='说的是什么')),
                ('cited_as', models.JSONField(blank=True, default=list, verbose_name='和别的条款合在一起引用的写法')),
                ('parts', models.JSONField(blank=True, default=list, editable=False, verbose_name='列在项目的哪一部分')),
                ('reason', models.CharField(blank=True, help_text='有条件、奖补或材料依据它，就空着。', max_length=300, verbose_name='没有项目依据它的原因')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': '条款变更',
                'verbose_name_plural': '条款变更',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Original',
            fields=[
                ('storedfile_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='portal.storedfile')),
                ('role', models.CharField(max_length=100, verbose_name='由谁上传（身份）')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='换下或撤下的时间')),
                ('closed_role', models.CharField(blank=True, max_length=100, verbose_name='由谁换下或撤下（身份）')),
                ('closed_because', models.CharField(blank=True, max_length=300, verbose_name='换下或撤下的原因')),
            ],
            options={
                'verbose_name': '文件原件',
                'verbose_name_plural': '文件原件',
                'default_permissions': (),
            },
            bases=('portal.storedfile',),
        ),
        migrations.CreateModel(
            name='SourceCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clauses', models.JSONField(verbose_name='核对的条款')),
                ('against', models.CharField(choices=[('original', '本站所存的原件'), ('paper', '纸质文件'), ('issuer', '发文机关网站上的文件'), ('citing', '引用它的文件（原文没有取得）')], max_length=10, verbose_name='对照的是什么')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='核对情况')),
                ('checked_at', models.DateTimeField(verbose_name='核对时间')),
                ('role', models.CharField(max_length=100, verbose_name='核对人的身份')),
            ],
            options={
                'verbose_name': '出处核对',
                'verbose_name_plural': '出处核对',
                'ordering': ['-checked_at', '-pk'],
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='document',
            name='superseded_on',
            field=models.DateField(blank=True, help_text='新文件写明的起用日；没有写明就空着。', null=True, verbose_name='从哪一天起被取代'),
        ),
        migrations.AddField(
            model_name='historicaldocument',
            name='superseded_on',
            field=models.DateField(blank=True, help_text='新文件写明的起用日；没有写明就空着。', null=True, verbose_name='从哪一天起被取代'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_on', None), ('superseded_by__isnull', False), _connector='OR'), name='document_superseded_on_a_day_by_another', violation_error_message='填了从哪一天起被取代，也要填被哪份文件取代。'),
        ),
        migrations.AddField(
            model_name='clause',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clauses', to='catalogue.document', verbose_name='政策文件'),
        ),
        migrations.AddField(
            model_name='historicalclause',
            name='document',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.document', verbose_name='政策文件'),
        ),
        migrations.AddField(
            model_name='historicalclause',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='original',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='originals', to='catalogue.document', verbose_name='政策文件'),
        ),
        migrations.AddField(
            model_name='sourcecheck',
            name='checked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核对人'),
        ),
        migrations.AddField(
            model_name='sourcecheck',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='source_checks', to='catalogue.document', verbose_name='政策文件'),
        ),
        migrations.AddField(
            model_name='sourcecheck',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='source_checks', to='catalogue.edition', verbose_name='版本'),
        ),
        migrations.AddField(
            model_name='sourcecheck',
            name='original',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.original', verbose_name='对照的原件'),
        ),
        migrations.AddField(
            model_name='sourcecheck',
            name='superseded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.document', verbose_name='核对时已知被哪份文件取代'),
        ),
        migrations.AddConstraint(
            model_name='clause',
            constraint=models.UniqueConstraint(fields=('document', 'name'), name='clause_is_told_once', violation_error_message='这份文件的这一条已经写过。'),
        ),
        migrations.AddConstraint(
            model_name='original',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('document',), name='original_is_one_at_a_time', violation_error_message='这份文件已有一个原件。'),
        ),
        migrations.AddConstraint(
            model_name='original',
            constraint=models.CheckConstraint(condition=models.Q(('role', ''), _negated=True), name='original_is_put_there_by_somebody', violation_error_message='请写明由谁上传。'),
        ),
        migrations.AddConstraint(
            model_name='original',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_because', ''), ('closed_role', '')), models.Q(('closed_at__isnull', False), models.Q(('closed_role', ''), _negated=True), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='original_is_closed_with_a_reason', violation_error_message='换下、撤下原件都要写明由谁和原因。'),
        ),
        migrations.AddConstraint(
            model_name='sourcecheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('against', 'original'), ('original__isnull', False)), models.Q(('against__in', ['paper', 'issuer', 'citing']), ('original', None)), _connector='OR'), name='source_check_is_against_something', violation_error_message='请写明对照的是哪一份原件。'),
        ),
        migrations.AddConstraint(
            model_name='sourcecheck',
            constraint=models.CheckConstraint(condition=models.Q(('role', ''), _negated=True), name='source_check_is_made_by_somebody', violation_error_message='请写明核对人的身份。'),
        ),
    ]
