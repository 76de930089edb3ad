from django.db import migrations

from telepath.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("core", "0002_append_only")]
    operations = [append_only("accounts_auditevent")]
