from django.db import migrations, models


class Migration(migrations.Migration):
    """A file on its way keeps its place; pictures are found by their content."""

    dependencies = [("cases", "0008_picture_choice")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="position",
            field=models.PositiveIntegerField(
                help_text="The place in the case that is kept for the picture.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="smearimage",
            index=models.Index(fields=["sha256"], name="images_by_content"),
        ),
    ]
