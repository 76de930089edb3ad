"""The lease of a run is the one of every kind of work: `attempt`, `due_at`, `taken_by`.

Runs at work keep their time, so that the next sweep takes back what nobody ends.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Now

RUNNING = """
    UPDATE inference_analysisrun SET due_at = lease_until, taken_by = 'an earlier release'
    WHERE status = 'running'
"""


class Migration(migrations.Migration):
    dependencies = [("inference", "0006_worker_worked_at")]

    operations = [
        migrations.RemoveIndex(model_name="analysisrun", name="running_by_lease"),
        migrations.RenameField("analysisrun", "available_at", "due_at"),
        migrations.AlterField(
            model_name="analysisrun",
            name="due_at",
            field=models.DateTimeField(
                db_default=Now(), help_text="Free: not before. Taken: until."
            ),
        ),
        migrations.AlterField(
            model_name="analysisrun",
            name="attempt",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="Takings so far."
            ),
        ),
        migrations.AddField(
            model_name="analysisrun",
            name="taken_by",
            field=models.CharField(
                db_default="",
                default="",
                help_text="Machine and process; empty: nobody.",
                max_length=80,
            ),
        ),
        migrations.RunSQL(RUNNING, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="analysisrun", name="lease_until"),
        migrations.RemoveField(model_name="analysisrun", name="heartbeat_at"),
        migrations.AddIndex(
            model_name="analysisrun",
            index=models.Index(
                condition=models.Q(("status", "running")),
                fields=["due_at"],
                name="running_by_lease",
            ),
        ),
    ]
