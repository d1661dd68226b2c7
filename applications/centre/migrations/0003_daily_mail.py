"""不到 1 秒，和申报多少无关，只建一张新表；期间没有什么不能办。"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('centre', '0002_office_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NoDailyMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(verbose_name='从何时起')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='no_daily_mail', to=settings.AUTH_USER_MODEL, verbose_name='谁')),
            ],
            options={
                'verbose_name': '不收每天的邮件',
                'verbose_name_plural': '不收每天的邮件',
                'ordering': ['pk'],
                'default_permissions': [],
            },
        ),
    ]
