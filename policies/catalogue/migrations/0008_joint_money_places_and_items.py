"""不到 1 秒，与申报多少无关；期间不能打开政策页面、测算、申报和编辑指标、奖补、版本。"""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0007_county_last_days'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='fact',
            name='fact_type_is_valid',
        ),
        migrations.AddField(
            model_name='award',
            name='claw_back',
            field=models.JSONField(blank=True, null=True, verbose_name='收回的情形'),
        ),
        migrations.AddField(
            model_name='award',
            name='joint_cap',
            field=models.JSONField(blank=True, null=True, verbose_name='几项奖补合计的最高额'),
        ),
        migrations.AddField(
            model_name='award',
            name='only_highest',
            field=models.JSONField(blank=True, default=list, verbose_name='就高不重复的组'),
        ),
        migrations.AddField(
            model_name='edition',
            name='places',
            field=models.JSONField(blank=True, null=True, verbose_name='名额和择优'),
        ),
        migrations.AddField(
            model_name='historicaledition',
            name='places',
            field=models.JSONField(blank=True, null=True, verbose_name='名额和择优'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='type',
            field=models.CharField(choices=[('bool', '是否'), ('int', '整数'), ('decimal', '小数'), ('ratio', '比例（0–1）'), ('date', '日期'), ('enum', '单选'), ('enum_set', '多选'), ('money_list', '金额列表（万元）'), ('item_list', '逐项填写（金额、种类、日期）')], max_length=12, verbose_name='类型'),
        ),
        migrations.AlterField(
            model_name='historicalfact',
            name='type',
            field=models.CharField(choices=[('bool', '是否'), ('int', '整数'), ('decimal', '小数'), ('ratio', '比例（0–1）'), ('date', '日期'), ('enum', '单选'), ('enum_set', '多选'), ('money_list', '金额列表（万元）'), ('item_list', '逐项填写（金额、种类、日期）')], max_length=12, verbose_name='类型'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ('bool', 'int', 'decimal', 'ratio', 'date', 'enum', 'enum_set', 'money_list', 'item_list'))), name='fact_type_is_valid', violation_error_message='没有这种指标类型。'),
        ),
    ]
