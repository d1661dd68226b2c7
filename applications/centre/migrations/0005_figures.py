"""不到 1 秒，和申报多少无关，只登记“统计”这一项和看它的权限，不建表；期间没有什么不能办。"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('centre', '0004_saved_filters'),
    ]

    operations = [
        migrations.CreateModel(
            name='Figures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': '统计',
                'verbose_name_plural': '统计',
                'managed': False,
                'default_permissions': ['view'],
            },
        ),
    ]
