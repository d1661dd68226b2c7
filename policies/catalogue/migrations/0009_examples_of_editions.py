"""不到 1 秒，和申报多少无关，建一张空表；期间没有什么不能办。以后载入目录时写入例子。"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0008_joint_money_places_and_items'),
    ]

    operations = [
        migrations.CreateModel(
            name='Example',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(verbose_name='次序')),
                ('title', models.CharField(default='例子', max_length=100, verbose_name='名称')),
                ('on', models.DateField(verbose_name='按哪一天算')),
                ('firm', models.JSONField(blank=True, default=dict, verbose_name='企业的填报')),
                ('criteria', models.JSONField(blank=True, default=list, verbose_name='条件的预期')),
                ('money', models.JSONField(blank=True, default=list, verbose_name='金额的预期')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='examples', to='catalogue.edition', verbose_name='版本')),
            ],
            options={
                'verbose_name': '例子',
                'verbose_name_plural': '例子',
                'ordering': ['edition', 'position'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'position'), name='example_position_is_unique', violation_error_message='同一版本中例子的次序不能重复。')],
            },
        ),
    ]
