"""不到 1 秒，和申报多少无关，只建两张新表；期间没有什么不能办。"""

import applications.centre.models.office_list
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('centre', '0001_initial'),
        ('portal', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='OfficeList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('awards', '奖补名单'), ('payments', '支付清单')], max_length=8, verbose_name='哪种名单')),
                ('title', models.CharField(help_text='印在最上面，也是下载时的名称，如“专项资金拨付明细表”。', max_length=60, verbose_name='标题')),
                ('issuer', models.CharField(help_text='如“沁水县中小企业发展促进中心”。', max_length=60, verbose_name='编制单位')),
                ('row_of', models.CharField(choices=[('firm', '一家企业一行（金额相加）'), ('line', '一项奖补一行')], default='firm', max_length=4, verbose_name='每行')),
                ('signers', models.CharField(default='制表人、审核人、单位（盖章）', help_text='用顿号分开，每个留一处签字的地方。', max_length=100, validators=[applications.centre.models.office_list.check_signers], verbose_name='签字处')),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.jurisdiction', verbose_name='哪里用')),
            ],
            options={
                'verbose_name': '名单格式',
                'verbose_name_plural': '名单格式',
                'ordering': ['jurisdiction', 'kind', 'title'],
            },
        ),
        migrations.CreateModel(
            name='OfficeColumn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('source', models.CharField(choices=[('firm', '企业名称'), ('credit_code', '统一社会信用代码'), ('county', '县（市、区）'), ('programme', '项目'), ('sources', '依据'), ('clauses', '依据（文件和条款）'), ('amount', '金额（万元）'), ('bank', '开户行'), ('account', '账号'), ('note', '备注'), ('holder', '开户名'), ('number', '申报编号'), ('tranche', '级别和期次'), ('year', '给付年度'), ('fund', '资金'), ('batch', '支付批次'), ('voucher', '凭证号'), ('contact', '联系人'), ('telephone', '联系电话')], max_length=11, verbose_name='内容')),
                ('title', models.CharField(blank=True, help_text='不填就用内容的名称。', max_length=20, validators=[django.core.validators.MaxLengthValidator(20)], verbose_name='栏目名称')),
                ('office_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='columns', to='centre.officelist')),
            ],
            options={
                'verbose_name': '栏目',
                'verbose_name_plural': '栏目',
                'ordering': ['position', 'pk'],
                'default_permissions': [],
            },
        ),
        migrations.AddConstraint(
            model_name='officelist',
            constraint=models.UniqueConstraint(fields=('jurisdiction', 'kind', 'title'), name='office_list_is_titled_once', violation_error_message='这里已有同样标题的名单格式。'),
        ),
        migrations.AddConstraint(
            model_name='officelist',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['awards', 'payments']), ('row_of__in', ['firm', 'line'])), name='office_list_kind_is_valid', violation_error_message='没有这种名单。'),
        ),
        migrations.AddConstraint(
            model_name='officecolumn',
            constraint=models.UniqueConstraint(fields=('office_list', 'source'), name='office_column_is_shown_once', violation_error_message='同一种内容只能列一栏。'),
        ),
        migrations.AddConstraint(
            model_name='officecolumn',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['firm', 'credit_code', 'county', 'programme', 'sources', 'clauses', 'amount', 'bank', 'account', 'note', 'holder', 'number', 'tranche', 'year', 'fund', 'batch', 'voucher', 'contact', 'telephone'])), name='office_column_source_is_valid', violation_error_message='没有这种内容。'),
        ),
    ]
