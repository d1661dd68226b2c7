"""不到 1 秒，和申报多少无关，只建一张新表；期间没有什么不能办。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('centre', '0003_daily_mail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of_list', models.CharField(max_length=80, verbose_name='哪个名单')),
                ('name', models.CharField(max_length=30, verbose_name='名称')),
                ('query', models.CharField(max_length=2000, verbose_name='筛选')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_filters', to=settings.AUTH_USER_MODEL, verbose_name='谁的')),
            ],
            options={
                'verbose_name': '保存的筛选',
                'verbose_name_plural': '保存的筛选',
                'ordering': ['pk'],
                'default_permissions': [],
                'constraints': [models.UniqueConstraint(fields=('user', 'of_list', 'name'), name='saved_filter_is_named_once', violation_error_message='已有同名的筛选。')],
            },
        ),
    ]
