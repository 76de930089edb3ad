"""Secrets of the second factor that were stored as they are become sealed."""

from django.db import migrations

from accounts.secrets import seal, unseal

SECRETS = ("secret", "seed")


def _each(apps, change):
    for one in apps.get_model("mfa", "Authenticator").objects.iterator():
        held = {name: change(one.data[name]) for name in SECRETS if name in one.data}
        if held:
            one.data = {**one.data, **held}
            one.save(update_fields=["data"])


def forwards(apps, schema_editor):
    _each(apps, seal)


def backwards(apps, schema_editor):
    _each(apps, unseal)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_audit_formats_lists_and_proofs"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]
    operations = [migrations.RunPython(forwards, backwards)]
