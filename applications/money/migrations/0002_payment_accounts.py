"""十万笔支付约 1 秒，给支付加一列，以前的支付都空着；期间不能办理支付。"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0003_bank_accounts'),
        ('money', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='account',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='enterprises.bankaccount', verbose_name='收款账户'),
        ),
    ]
