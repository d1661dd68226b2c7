"""不到 1 秒，和申报多少无关，给导入的目录包加一列；期间不能导入目录包。"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('editors', '0003_packs_that_are_imported'),
    ]

    operations = [
        migrations.AddField(
            model_name='packimport',
            name='told',
            field=models.JSONField(default=dict, verbose_name='上传时会改什么'),
        ),
    ]
