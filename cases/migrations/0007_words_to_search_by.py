"""Words to search by for the patients and cases of before, in batches."""

from django.db import migrations

from cases.search import words_of_case, words_of_patient

BATCH = 2000


def fill(apps, schema_editor):
    patients = apps.get_model("cases", "Patient").objects.only("id", "name", "mrn", "birth_date")
    _in_batches(
        patients,
        lambda one: words_of_patient(name=one.name, mrn=one.mrn, birth_date=one.birth_date),
    )
    cases = apps.get_model("cases", "Case").objects.select_related("patient")
    cases = cases.only("id", "accession", "patient__search_words")
    _in_batches(
        cases,
        lambda one: words_of_case(accession=one.accession, patient_words=one.patient.search_words),
    )


def _in_batches(rows, words_of):
    last, rows = None, rows.order_by("pk")
    while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
        for row in batch:
            row.search_words = words_of(row)
        rows.model.objects.bulk_update(batch, ["search_words"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_lists_in_sql")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
