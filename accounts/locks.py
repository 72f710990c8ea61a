"""Advisory locks for the few decisions that concern the whole installation."""

from django.db import connection

INSTALLATION_LOCK = 0x46494C4C  # "FILL"


def lock_installation() -> None:
    """Wait until nobody else decides who is first; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALLATION_LOCK])
