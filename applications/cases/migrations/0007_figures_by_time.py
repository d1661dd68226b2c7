"""十万件申报不到 1 秒，给申报和办理记录各加一个索引；期间不能申报和审核。"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('cases', '0006_revoked_and_succeeded')]

    operations = [
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['submitted_at'], name='application_by_submission'),
        ),
        migrations.AddIndex(
            model_name='applicationevent',
            index=models.Index(fields=['at'], name='event_by_time'),
        ),
    ]
