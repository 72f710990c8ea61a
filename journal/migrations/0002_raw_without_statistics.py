"""Nothing plans by what raw rows hold, and sampling them is most of the work of ANALYZE on evidence."""

from __future__ import annotations

from django.db import migrations

TABLES = (
    "accounttermsreport",
    "executionreport",
    "closedlotreport",
    "cashreport",
    "corporateactionreport",
    "optioneventreport",
    "transferreport",
    "positionreport",
    "cashbalancereport",
    "navreport",
)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_book")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE journal_{table} ALTER COLUMN raw SET STATISTICS 0",
            f"ALTER TABLE journal_{table} ALTER COLUMN raw SET STATISTICS -1",
        )
        for table in TABLES
    ]
