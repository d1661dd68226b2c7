"""不到 1 秒，与申报多少无关；期间不能打开政策页面、测算和编辑条件。"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='criterion',
            name='sentence',
            field=models.CharField(blank=True, default='', max_length=1000, verbose_name='一句话说法'),
        ),
    ]
