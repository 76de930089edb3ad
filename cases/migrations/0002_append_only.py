from django.db import migrations

from telepath.core.append_only import append_only

FROZEN_REPORT = """
CREATE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.pdf_key = '' AND to_jsonb(NEW) - 'pdf_key' = to_jsonb(OLD) - 'pdf_key' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'report versions are frozen' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER cases_reportversion_frozen BEFORE UPDATE ON cases_reportversion
    FOR EACH ROW EXECUTE FUNCTION refuse_report_change();
CREATE TRIGGER cases_reportversion_no_delete BEFORE DELETE ON cases_reportversion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cases_reportversion_no_truncate BEFORE TRUNCATE ON cases_reportversion
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
THAWED_REPORT = """
DROP TRIGGER cases_reportversion_frozen ON cases_reportversion;
DROP TRIGGER cases_reportversion_no_delete ON cases_reportversion;
DROP TRIGGER cases_reportversion_no_truncate ON cases_reportversion;
DROP FUNCTION refuse_report_change();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        append_only("cases_casetransition"),
        append_only("cases_cellcorrection"),
        migrations.RunSQL(FROZEN_REPORT, THAWED_REPORT),
    ]
