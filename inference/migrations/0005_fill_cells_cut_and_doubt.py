"""What is known of cells that were found before there was a column for it, batch by batch.

The engine gives a weight of exactly 0 to what the border or the scale bar cuts, and to nothing else
that it can tell from 0 in six digits. The doubt is that of the model's class; two networks that
disagree leave no trace of it in these rows.
"""

from django.db import migrations

RUNS_AT_ONCE = 500

CELLS = """
UPDATE inference_cell SET is_cut = (weight = 0), doubt = COALESCE(
    1 - (SELECT max(share::float) FROM jsonb_each_text(probabilities) AS said(name, share)), 1)
WHERE run_id = ANY(%s)
"""
RUNS = """
UPDATE inference_analysisrun AS run
SET result = jsonb_set(run.result, '{identified}', to_jsonb(
    (SELECT count(*) FROM inference_cell AS cell WHERE cell.run_id = run.id AND NOT cell.is_cut
     AND cell.cell_class NOT IN ('unidentified', 'not_a_cell'))))
WHERE run.id = ANY(%s)
"""


def fill(apps, schema_editor):
    runs = apps.get_model("inference", "AnalysisRun")
    done = list(
        runs._base_manager.filter(status="succeeded", is_shadow=False).values_list("pk", flat=True)
    )
    with schema_editor.connection.cursor() as cursor:
        for start in range(0, len(done), RUNS_AT_ONCE):
            batch = done[start : start + RUNS_AT_ONCE]
            cursor.execute(CELLS, [batch])
            cursor.execute(RUNS, [batch])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("inference", "0004_cells_cut_and_doubt")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
