"""One lease for every kind of work: checks of pictures, uploads, mails and reports to be printed.

A check that was at work counts as left by its worker: the next sweep takes it up again. A signed
report stays frozen; the lease of whoever prints it may change until its PDF is there.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Now

ATTEMPT = models.PositiveSmallIntegerField(db_default=0, default=0, help_text="Takings so far.")
DUE = models.DateTimeField(db_default=Now(), help_text="Free: not before. Taken: until.")
TAKEN = models.CharField(
    db_default="", default="", help_text="Machine and process; empty: nobody.", max_length=80
)
CHECKS_AT_WORK = """
    UPDATE cases_smearimage SET taken_by = 'an earlier release'
    WHERE status = 'received' AND begun_at IS NOT NULL
"""
FROZEN = """
CREATE OR REPLACE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY[{moving}];
BEGIN
    IF OLD.pdf_key = '' AND to_jsonb(NEW) - moving = to_jsonb(OLD) - moving THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'report versions are frozen' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_opened_cases")]

    operations = [
        migrations.RemoveIndex(model_name="notice", name="notices_to_be_sent"),
        migrations.RemoveIndex(model_name="smearimage", name="images_being_checked"),
        migrations.RenameField("notice", "attempts", "attempt"),
        migrations.RenameField("notice", "try_at", "due_at"),
        migrations.RenameField("smearimage", "attempts", "attempt"),
        *[migrations.AlterField(model, "attempt", ATTEMPT) for model in ("notice", "smearimage")],
        migrations.AlterField("notice", "due_at", DUE),
        *[migrations.AddField(model, "attempt", ATTEMPT) for model in ("reportversion", "upload")],
        *[
            migrations.AddField(model, "due_at", DUE)
            for model in ("reportversion", "smearimage", "upload")
        ],
        *[
            migrations.AddField(model, "taken_by", TAKEN)
            for model in ("notice", "reportversion", "smearimage", "upload")
        ],
        migrations.RunSQL(CHECKS_AT_WORK, migrations.RunSQL.noop),
        migrations.RemoveField("smearimage", "begun_at"),
        migrations.AddIndex(
            "notice",
            models.Index(
                condition=models.Q(state="waiting"), fields=["due_at"], name="notices_to_be_sent"
            ),
        ),
        migrations.AddIndex(
            "smearimage",
            models.Index(
                condition=models.Q(status="received"),
                fields=["due_at"],
                name="images_being_checked",
            ),
        ),
        migrations.RunSQL(
            FROZEN.format(moving="'pdf_key', 'attempt', 'due_at', 'taken_by'"),
            FROZEN.format(moving="'pdf_key'"),
        ),
    ]
