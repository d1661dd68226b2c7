"""不到 1 秒，与申报多少无关；期间不能打开政策页面、测算、申报和编辑材料。"""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0003_calls'),
    ]

    operations = [
        migrations.AddField(
            model_name='material',
            name='proves',
            field=models.JSONField(blank=True, default=list, verbose_name='证明哪些填报项'),
        ),
    ]
