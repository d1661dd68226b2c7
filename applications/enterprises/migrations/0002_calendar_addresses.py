"""不到 1 秒，和申报多少无关，只建一张新表；期间没有什么不能办。"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('made_at', models.DateTimeField(verbose_name='建立时间')),
                ('membership', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_address', to='enterprises.membership', verbose_name='企业成员')),
            ],
            options={
                'verbose_name': '企业日历订阅网址',
                'verbose_name_plural': '企业日历订阅网址',
            },
        ),
    ]
