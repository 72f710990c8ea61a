"""An index of the runs that found a change of regime."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learning", "0002_views_for_sql")]

    operations = [
        migrations.AddIndex(
            model_name="learningrun",
            index=models.Index(
                fields=["workspace", "-as_of", "-id"],
                name="learning_run_alarm",
                condition=models.Q(
                    account=None, kind="regime", result__contains='"is_alarm":true'
                ),
            ),
        ),
    ]
