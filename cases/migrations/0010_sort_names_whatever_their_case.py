from django.db import migrations, models
from django.db.models.functions import Lower

from cases.search import WithoutAccents

INDEXES = (
    models.Index(fields=["search_name", "id"], name="patients_by_name"),
    models.Index(fields=["clinic", "search_name", "id"], name="patients_of_clinic_by_name"),
)


class Migration(migrations.Migration):
    """A generated column is made anew to change: "de los" sorts beside "Delgado", not after "Z"."""

    dependencies = [("cases", "0009_upload_places")]
    operations = [
        *(migrations.RemoveIndex("patient", index.name) for index in INDEXES),
        migrations.RemoveField("patient", "search_name"),
        migrations.AddField(
            "patient",
            "search_name",
            models.GeneratedField(
                db_persist=True,
                expression=Lower(WithoutAccents("name")),
                output_field=models.CharField(max_length=240),
            ),
        ),
        *(migrations.AddIndex("patient", index) for index in INDEXES),
    ]
