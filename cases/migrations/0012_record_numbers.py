"""Record numbers are compared as people see them."""

from django.db import migrations, models

from cases.record_numbers import key_of

BATCH = 2000


def fill(apps, schema_editor):
    """Numbers that only look different keep apart those who have them already: a mark is added."""
    patients = apps.get_model("cases", "Patient").objects.only("id", "clinic_id", "mrn", "mrn_key")
    last, rows, taken = None, patients.order_by("pk"), set()
    while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
        for row in batch:
            row.mrn_key = key_of(row.mrn)
            if (row.clinic_id, row.mrn_key) in taken:
                row.mrn_key = f"{row.mrn_key} {row.pk}"
            taken.add((row.clinic_id, row.mrn_key))
        patients.model.objects.bulk_update(batch, ["mrn_key"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_addenda")]
    operations = [
        migrations.AddField(
            "patient",
            "mrn_key",
            models.CharField(
                default="",
                max_length=120,
                editable=False,
                help_text="`record_numbers.key_of` of the number.",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
