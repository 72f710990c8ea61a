import common.fields
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import journal.domain.chain.terms
import journal.domain.values
import journal.models.accounts
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_people"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_id", models.CharField(max_length=64)),
                ("raw", common.fields.VerbatimField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "pool",
                    models.CharField(
                        choices=[("shown", "Shown"), ("shadow", "Shadow")],
                        default="shown",
                        max_length=6,
                    ),
                ),
                ("symbol", models.CharField(max_length=64)),
                ("strategy", models.CharField(blank=True, max_length=64)),
                (
                    "side",
                    models.CharField(
                        blank=True, choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4
                    ),
                ),
                ("quantity", common.fields.NumericField(null=True)),
                ("entry_price", common.fields.NumericField(null=True)),
                ("stop_price", common.fields.NumericField(null=True)),
                ("target_price", common.fields.NumericField(null=True)),
                ("expected_profit", common.fields.NumericField(null=True)),
                ("expected_loss", common.fields.NumericField(null=True)),
                ("probability", common.fields.NumericField(null=True)),
                ("legs", models.JSONField(default=list)),
                ("features", models.JSONField(default=dict)),
                ("reason", models.TextField(blank=True)),
                ("scanner", models.CharField(blank=True, max_length=64)),
                ("scanner_version", models.CharField(blank=True, max_length=64)),
                ("parameters", models.JSONField(default=dict)),
                ("needs_approval", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField()),
                ("recommended_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("taken", models.JSONField(default=list)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="AlertChannel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "E-mail"), ("service", "Messenger or push service")],
                        max_length=7,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("address", models.TextField(blank=True, editable=False)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("approvals", "Recommendations that need approval"),
                                ("recommendations", "All other recommendations that are shown"),
                                ("test", "Test"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("paused_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("approvals", "Recommendations that need approval"),
                            ("recommendations", "All other recommendations that are shown"),
                            ("test", "Test"),
                        ],
                        max_length=20,
                    ),
                ),
                ("about", models.JSONField(default=list)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="journal.alertchannel",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="AlertChannelEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "E-mail"), ("service", "Messenger or push service")],
                        max_length=7,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("approvals", "Recommendations that need approval"),
                                ("recommendations", "All other recommendations that are shown"),
                                ("test", "Test"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("paused_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.alertchannel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BrokerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("broker", models.SlugField(max_length=32)),
                ("broker_id", models.CharField(max_length=64, verbose_name="account number")),
                ("name", models.CharField(blank=True, max_length=120)),
                ("base_currency", models.CharField(blank=True, max_length=12)),
                (
                    "zone",
                    models.CharField(
                        default="America/New_York",
                        max_length=64,
                        validators=[journal.models.accounts.validate_zone],
                        verbose_name="time zone of the trading day",
                    ),
                ),
                (
                    "statement_zone",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[journal.models.accounts.validate_zone],
                        verbose_name="time zone of statements",
                    ),
                ),
                (
                    "day_rollover_minutes",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Minutes after midnight at which a new trading day starts.",
                    ),
                ),
                (
                    "lot_method",
                    models.CharField(
                        choices=[
                            ("fifo", "Fifo"),
                            ("lifo", "Lifo"),
                            ("hifo", "Hifo"),
                            ("average", "Average"),
                            ("broker", "Broker"),
                        ],
                        default=journal.domain.values.LotMethod["FIFO"],
                        max_length=8,
                    ),
                ),
                ("is_hedging", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("rebook_asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("erasure_asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("erasure_reason", models.CharField(blank=True, editable=False, max_length=255)),
                (
                    "erasure_author",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["broker", "broker_id"],
            },
        ),
        migrations.CreateModel(
            name="BrokerAccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("broker", models.SlugField(db_index=False, max_length=32)),
                ("broker_id", models.CharField(max_length=64, verbose_name="account number")),
                ("name", models.CharField(blank=True, max_length=120)),
                ("base_currency", models.CharField(blank=True, max_length=12)),
                (
                    "zone",
                    models.CharField(
                        default="America/New_York",
                        max_length=64,
                        validators=[journal.models.accounts.validate_zone],
                        verbose_name="time zone of the trading day",
                    ),
                ),
                (
                    "statement_zone",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[journal.models.accounts.validate_zone],
                        verbose_name="time zone of statements",
                    ),
                ),
                (
                    "day_rollover_minutes",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Minutes after midnight at which a new trading day starts.",
                    ),
                ),
                (
                    "lot_method",
                    models.CharField(
                        choices=[
                            ("fifo", "Fifo"),
                            ("lifo", "Lifo"),
                            ("hifo", "Hifo"),
                            ("average", "Average"),
                            ("broker", "Broker"),
                        ],
                        default=journal.domain.values.LotMethod["FIFO"],
                        max_length=8,
                    ),
                ),
                ("is_hedging", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CloseReasonNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "close_reason",
                    models.CharField(
                        choices=[
                            ("stop", "Stop"),
                            ("target", "Target"),
                            ("manual", "Manual"),
                            ("expiry", "Expiry"),
                            ("assignment", "Assignment"),
                            ("exercise", "Exercise"),
                            ("liquidation", "Liquidation"),
                            ("guard", "Guard"),
                            ("transfer", "Transfer"),
                            ("corporate_action", "Corporate action"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CloseReasonNoteEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "close_reason",
                    models.CharField(
                        choices=[
                            ("stop", "Stop"),
                            ("target", "Target"),
                            ("manual", "Manual"),
                            ("expiry", "Expiry"),
                            ("assignment", "Assignment"),
                            ("exercise", "Exercise"),
                            ("liquidation", "Liquidation"),
                            ("guard", "Guard"),
                            ("transfer", "Transfer"),
                            ("corporate_action", "Corporate action"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.closereasonnote",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ColumnMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fingerprint",
                    models.CharField(help_text="Of the names of its columns.", max_length=24),
                ),
                ("mapping", models.JSONField()),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConfirmedLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("confirmed", "Belongs to it"),
                            ("refused", "Does not belong to it"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fetcher", models.SlugField(max_length=32)),
                ("name", models.CharField(max_length=120)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("person", "Connected by a person"),
                            ("environment", "From the environment"),
                        ],
                        default="person",
                        max_length=12,
                    ),
                ),
                ("credentials", models.TextField(blank=True, editable=False)),
                ("credentials_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("account_numbers", models.JSONField(blank=True, default=list)),
                ("erased", models.JSONField(default=list, editable=False)),
                ("history_from", models.DateField(blank=True, null=True)),
                (
                    "schedule",
                    models.CharField(
                        choices=[
                            ("hourly", "Every hour"),
                            ("daily", "Once a day"),
                            ("manual", "Only when asked"),
                        ],
                        default="hourly",
                        max_length=8,
                    ),
                ),
                ("pull_at_minutes", models.PositiveSmallIntegerField(default=0)),
                (
                    "zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[journal.models.accounts.validate_zone],
                    ),
                ),
                ("state", models.JSONField(default=dict, editable=False)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("later", "Later"), ("person", "Person"), ("blocked", "Blocked")],
                        max_length=8,
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("error_message", models.TextField(blank=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("disconnected_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="BridgeSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bridge", models.CharField(max_length=64)),
                ("account_number", models.CharField(max_length=64)),
                ("server", models.CharField(max_length=64)),
                ("zone", models.CharField(max_length=64)),
                ("highest", models.PositiveBigIntegerField(default=0)),
                ("missing", models.JSONField(default=list)),
                ("complete_until", models.BigIntegerField(default=0)),
                ("claimed", models.BigIntegerField(default=0)),
                ("asked_at", models.PositiveBigIntegerField(default=0)),
                ("snapshot", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="series",
                        to="journal.connection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConnectionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fetcher", models.SlugField(db_index=False, max_length=32)),
                ("name", models.CharField(max_length=120)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("person", "Connected by a person"),
                            ("environment", "From the environment"),
                        ],
                        default="person",
                        max_length=12,
                    ),
                ),
                ("credentials_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("history_from", models.DateField(blank=True, null=True)),
                (
                    "schedule",
                    models.CharField(
                        choices=[
                            ("hourly", "Every hour"),
                            ("daily", "Once a day"),
                            ("manual", "Only when asked"),
                        ],
                        default="hourly",
                        max_length=8,
                    ),
                ),
                ("pull_at_minutes", models.PositiveSmallIntegerField(default=0)),
                (
                    "zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[journal.models.accounts.validate_zone],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("disconnected_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.connection",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exclude", "Leave this fill out of the book"),
                            ("amend", "Book it with other figures"),
                            ("share", "State which share of the cost new shares take"),
                        ],
                        max_length=8,
                    ),
                ),
                ("changes", models.JSONField(blank=True, default=dict)),
                ("reason", models.TextField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CorrectionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exclude", "Leave this fill out of the book"),
                            ("amend", "Book it with other figures"),
                            ("share", "State which share of the cost new shares take"),
                        ],
                        max_length=8,
                    ),
                ),
                ("changes", models.JSONField(blank=True, default=dict)),
                ("reason", models.TextField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.correction",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DayRollup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=12)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("gross_pnl", common.fields.NumericField(default=0)),
                ("net_pnl", common.fields.NumericField(default=0)),
                ("fees", common.fields.NumericField(default=0)),
                ("gross_base", common.fields.NumericField(default=0)),
                ("net_base", common.fields.NumericField(default=0)),
                ("fees_base", common.fields.NumericField(default=0)),
                ("unknown_base", models.IntegerField(default=0)),
                ("unknown_basis", models.IntegerField(default=0)),
                ("trades", models.IntegerField(default=0)),
                ("wins", models.IntegerField(default=0)),
                ("losses", models.IntegerField(default=0)),
                ("flats", models.IntegerField(default=0)),
                ("win_net", common.fields.NumericField(default=0)),
                ("loss_net", common.fields.NumericField(default=0)),
                ("win_net_base", common.fields.NumericField(default=0)),
                ("loss_net_base", common.fields.NumericField(default=0)),
                ("gross_wins", models.IntegerField(default=0)),
                ("gross_losses", models.IntegerField(default=0)),
                ("win_gross", common.fields.NumericField(default=0)),
                ("loss_gross", common.fields.NumericField(default=0)),
                ("win_gross_base", common.fields.NumericField(default=0)),
                ("loss_gross_base", common.fields.NumericField(default=0)),
                ("cost", common.fields.NumericField(default=0)),
                ("cost_base", common.fields.NumericField(default=0)),
                ("executions", models.IntegerField(default=0)),
                ("fees_paid", common.fields.NumericField(default=0)),
                ("fees_paid_base", common.fields.NumericField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_id", models.CharField(max_length=64)),
                ("user", models.BigIntegerField(null=True)),
                ("token", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=160)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("recommended", "Recommended"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("executed", "Executed"),
                            ("ignored", "Ignored"),
                            ("expired", "Expired"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("link", "Link in an alert"),
                            ("rule", "Rule"),
                        ],
                        max_length=4,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DecisionLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_id", models.CharField(max_length=64)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DecisionRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ignored_after_hours",
                    models.PositiveIntegerField(blank=True, default=168, null=True),
                ),
                ("link_hours", models.PositiveIntegerField(default=24)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DecisionRulesEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "ignored_after_hours",
                    models.PositiveIntegerField(blank=True, default=168, null=True),
                ),
                ("link_hours", models.PositiveIntegerField(default=24)),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.decisionrules",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FileRemoval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stored_as", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="IdempotentRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reported_by",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        default="statement",
                        max_length=12,
                    ),
                ),
                ("format", models.SlugField(blank=True, max_length=32)),
                ("account_number", models.CharField(blank=True, max_length=64)),
                ("zone", models.CharField(blank=True, max_length=64)),
                ("day_first", models.BooleanField(null=True)),
                ("mapping", models.JSONField(null=True)),
                ("mapping_is_recalled", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("previewing", "Reading"),
                            ("previewed", "Ready to import"),
                            ("queued", "Waiting"),
                            ("running", "Importing"),
                            ("done", "Imported"),
                            ("failed", "Failed"),
                            ("withdrawing", "Being undone"),
                            ("withdrawn", "Undone"),
                        ],
                        default="received",
                        max_length=12,
                    ),
                ),
                ("source", models.CharField(default="upload", max_length=16)),
                ("token", models.BigIntegerField(null=True)),
                ("reporter", models.CharField(blank=True, max_length=80)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("preview", models.JSONField(null=True)),
                ("result", models.JSONField(null=True)),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("error_message", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="journal.connection",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "import batches",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ConversionRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("from_currency", models.CharField(max_length=12)),
                ("to_currency", models.CharField(max_length=12)),
                ("reported_on", models.DateField()),
                ("rate", common.fields.NumericField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CashBalanceReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("currency", models.CharField(max_length=12)),
                ("is_base", models.BooleanField()),
                ("ending_cash", common.fields.NumericField(null=True)),
                ("ending_settled_cash", common.fields.NumericField(null=True)),
                ("reported_on", models.DateField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CapturedRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.BigIntegerField(null=True)),
                ("user", models.BigIntegerField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("order", "Order"),
                            ("execution", "Execution"),
                            ("recommendation", "Recommendation"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("record_id", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=24)),
                ("payload", models.TextField(help_text="The record as it was sent (JSON).")),
                ("received_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="captured",
                        to="journal.importbatch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BridgePush",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pushes",
                        to="journal.bridgeseries",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportBatchStateErrorCodeCreatedByWithdrawnAtEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("previewing", "Reading"),
                            ("previewed", "Ready to import"),
                            ("queued", "Waiting"),
                            ("running", "Importing"),
                            ("done", "Imported"),
                            ("failed", "Failed"),
                            ("withdrawing", "Being undone"),
                            ("withdrawn", "Undone"),
                        ],
                        default="received",
                        max_length=12,
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="state_error_code_created_by_withdrawn_at_events",
                        to="journal.importbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "import batch event",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportProgress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stage", models.CharField(max_length=32)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Instrument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                (
                    "asset_class",
                    models.CharField(
                        choices=[
                            ("stock", "Stock"),
                            ("option", "Option"),
                            ("future", "Future"),
                            ("future_option", "Future option"),
                            ("forex", "Forex"),
                            ("crypto", "Crypto"),
                            ("cfd", "CFD"),
                            ("bond", "Bond"),
                            ("bill", "Bill"),
                            ("fund", "Fund"),
                            ("warrant", "Warrant"),
                            ("structured", "Structured"),
                            ("metal", "Metal"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("symbol", models.CharField(max_length=64)),
                (
                    "former_symbols",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("underlying_symbol", models.CharField(blank=True, max_length=64)),
                ("description", models.CharField(blank=True, max_length=255)),
                ("currency", models.CharField(max_length=12)),
                ("multiplier", common.fields.NumericField(default=Decimal("1"))),
                ("tick_size", common.fields.NumericField(blank=True, null=True)),
                ("expiry_on", models.DateField(blank=True, null=True)),
                ("strike", common.fields.NumericField(blank=True, null=True)),
                (
                    "right",
                    models.CharField(
                        blank=True, choices=[("call", "Call"), ("put", "Put")], max_length=4
                    ),
                ),
                ("exchange", models.CharField(blank=True, max_length=32)),
                ("isin", models.CharField(blank=True, max_length=12)),
                ("cusip", models.CharField(blank=True, max_length=12)),
                ("figi", models.CharField(blank=True, max_length=12)),
                ("is_inverse", models.BooleanField(default=False)),
                (
                    "underlying",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="derivatives",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["symbol", "id"],
            },
        ),
        migrations.CreateModel(
            name="ExecutionReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        default="statement",
                        max_length=12,
                    ),
                ),
                (
                    "report",
                    models.CharField(
                        choices=[("fill", "Fill"), ("cancel", "Cancel"), ("correct", "Correct")],
                        max_length=8,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("trade", "Trade"),
                            ("expiry", "Expiry"),
                            ("assignment", "Assignment"),
                            ("exercise", "Exercise"),
                            ("cash_settlement", "Cash settlement"),
                            ("transfer", "Transfer"),
                            ("corporate_action", "Corporate action"),
                            ("liquidation", "Liquidation"),
                            ("adjustment", "Adjustment"),
                            ("opening", "Opening"),
                        ],
                        max_length=20,
                    ),
                ),
                ("authority", models.SmallIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("broker_id", models.CharField(blank=True, max_length=64)),
                ("exec_id", models.CharField(blank=True, max_length=64)),
                ("trade_id", models.CharField(blank=True, max_length=64)),
                ("order_id", models.CharField(blank=True, max_length=64)),
                ("order_reference", models.CharField(blank=True, max_length=128)),
                (
                    "original_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                (
                    "side",
                    models.CharField(choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4),
                ),
                ("quantity", common.fields.NumericField()),
                ("price", common.fields.NumericField()),
                ("executed_at", models.DateTimeField()),
                ("zone", models.CharField(max_length=64)),
                ("sequence", models.BigIntegerField()),
                ("reported_on", models.DateField(null=True)),
                ("settled_on", models.DateField(null=True)),
                ("fee", common.fields.NumericField(null=True)),
                ("tax", common.fields.NumericField(null=True)),
                ("fee_currency", models.CharField(blank=True, max_length=12)),
                ("fx_rate", common.fields.NumericField(null=True)),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("close", "Close"),
                            ("close_open", "Close open"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=10,
                    ),
                ),
                ("proceeds", common.fields.NumericField(null=True)),
                ("net_cash", common.fields.NumericField(null=True)),
                ("stated_cost", common.fields.NumericField(null=True)),
                ("stated_pnl", common.fields.NumericField(null=True)),
                ("order_type", models.CharField(blank=True, max_length=32)),
                ("ordered_at", models.DateTimeField(null=True)),
                ("exchange", models.CharField(blank=True, max_length=32)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                ("stated_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Execution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("closed_leg", models.BigIntegerField(null=True)),
                ("fill_key", models.CharField(max_length=96)),
                ("broker_id", models.CharField(blank=True, max_length=64)),
                ("order_id", models.CharField(blank=True, max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("trade", "Trade"),
                            ("expiry", "Expiry"),
                            ("assignment", "Assignment"),
                            ("exercise", "Exercise"),
                            ("cash_settlement", "Cash settlement"),
                            ("transfer", "Transfer"),
                            ("corporate_action", "Corporate action"),
                            ("liquidation", "Liquidation"),
                            ("adjustment", "Adjustment"),
                            ("opening", "Opening"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "side",
                    models.CharField(choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4),
                ),
                ("quantity", common.fields.NumericField()),
                ("price", common.fields.NumericField()),
                ("executed_at", models.DateTimeField()),
                ("sequence", models.BigIntegerField()),
                ("trading_day", models.DateField()),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("close", "Close"),
                            ("close_open", "Close open"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=10,
                    ),
                ),
                ("fee", common.fields.NumericField()),
                ("tax", common.fields.NumericField()),
                ("fee_currency", models.CharField(max_length=12)),
                ("fee_quoted", common.fields.NumericField(null=True)),
                ("fx_rate", common.fields.NumericField(null=True)),
                ("gross_pnl", common.fields.NumericField(null=True)),
                ("net_pnl", common.fields.NumericField(null=True)),
                (
                    "uses_rates",
                    models.BooleanField(
                        help_text="Its base or fee was converted by a rate of the day, not by one of its own."
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.executionreport",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DataIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("info", "Info"), ("warning", "Warning"), ("error", "Error")],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("message", models.TextField()),
                ("row", models.IntegerField(null=True)),
                ("raw", models.JSONField(null=True)),
                ("fingerprint", models.CharField(max_length=40)),
                ("found_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "execution",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.execution",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="issues",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CorporateActionReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("broker_id", models.CharField(blank=True, max_length=64)),
                ("action_id", models.CharField(blank=True, max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("split", "Split"),
                            ("reverse_split", "Reverse split"),
                            ("symbol_change", "Symbol change"),
                            ("merger", "Merger"),
                            ("spin_off", "Spin off"),
                            ("tender", "Tender"),
                            ("stock_dividend", "Stock dividend"),
                            ("rights", "Rights"),
                            ("delisting", "Delisting"),
                            ("maturity", "Maturity"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=16)),
                ("signed_quantity", common.fields.NumericField()),
                ("cash", common.fields.NumericField()),
                ("value", common.fields.NumericField(null=True)),
                ("stated_pnl", common.fields.NumericField(null=True)),
                ("effective_at", models.DateTimeField()),
                ("reported_on", models.DateField(null=True)),
                ("fx_rate", common.fields.NumericField(null=True)),
                ("description", models.CharField(blank=True, max_length=512)),
                ("ratio", common.fields.NumericField(null=True)),
                ("other_isin", models.CharField(blank=True, max_length=12)),
                ("other_symbol", models.CharField(blank=True, max_length=64)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ClosedLotReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("closing_broker_id", models.CharField(blank=True, max_length=64)),
                ("opening_broker_id", models.CharField(blank=True, max_length=64)),
                ("quantity", common.fields.NumericField()),
                ("open_price", common.fields.NumericField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("cost", common.fields.NumericField(null=True)),
                ("realized_pnl", common.fields.NumericField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CashReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("broker_id", models.CharField(blank=True, max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deposit", "Deposit"),
                            ("withdrawal", "Withdrawal"),
                            ("dividend", "Dividend"),
                            ("payment_in_lieu", "Payment in lieu"),
                            ("withholding_tax", "Withholding tax"),
                            ("interest_paid", "Interest paid"),
                            ("interest_received", "Interest received"),
                            ("funding", "Funding"),
                            ("fee", "Fee"),
                            ("commission_adjustment", "Commission adjustment"),
                            ("tax", "Tax"),
                            ("transfer", "Transfer"),
                            ("adjustment", "Adjustment"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("amount", common.fields.NumericField()),
                ("currency", models.CharField(max_length=12)),
                ("fx_rate", common.fields.NumericField(null=True)),
                ("occurred_at", models.DateTimeField()),
                ("occurred_on", models.DateField()),
                ("reported_on", models.DateField(null=True)),
                ("description", models.CharField(blank=True, max_length=512)),
                ("trade_id", models.CharField(blank=True, max_length=64)),
                ("is_reversal", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BrokerInstrument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("broker", models.SlugField(max_length=32)),
                ("broker_id", models.CharField(max_length=64)),
                ("underlying_broker_id", models.CharField(blank=True, max_length=64)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="broker_instruments",
                        to="journal.instrument",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InstrumentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("key", models.CharField(max_length=200)),
                (
                    "asset_class",
                    models.CharField(
                        choices=[
                            ("stock", "Stock"),
                            ("option", "Option"),
                            ("future", "Future"),
                            ("future_option", "Future option"),
                            ("forex", "Forex"),
                            ("crypto", "Crypto"),
                            ("cfd", "CFD"),
                            ("bond", "Bond"),
                            ("bill", "Bill"),
                            ("fund", "Fund"),
                            ("warrant", "Warrant"),
                            ("structured", "Structured"),
                            ("metal", "Metal"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("symbol", models.CharField(max_length=64)),
                (
                    "former_symbols",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("underlying_symbol", models.CharField(blank=True, max_length=64)),
                ("description", models.CharField(blank=True, max_length=255)),
                ("currency", models.CharField(max_length=12)),
                ("multiplier", common.fields.NumericField(default=Decimal("1"))),
                ("tick_size", common.fields.NumericField(blank=True, null=True)),
                ("expiry_on", models.DateField(blank=True, null=True)),
                ("strike", common.fields.NumericField(blank=True, null=True)),
                (
                    "right",
                    models.CharField(
                        blank=True, choices=[("call", "Call"), ("put", "Put")], max_length=4
                    ),
                ),
                ("exchange", models.CharField(blank=True, max_length=32)),
                ("isin", models.CharField(blank=True, max_length=12)),
                ("cusip", models.CharField(blank=True, max_length=12)),
                ("figi", models.CharField(blank=True, max_length=12)),
                ("is_inverse", models.BooleanField(default=False)),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.instrument",
                    ),
                ),
                (
                    "underlying",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InstrumentName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("symbol", models.CharField(max_length=64)),
                ("underlying_symbol", models.CharField(blank=True, max_length=64)),
                ("description", models.CharField(blank=True, max_length=255)),
                ("is_traded", models.BooleanField()),
                ("named_at", models.DateTimeField()),
                ("stated_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IssueDismissal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IssueDismissalEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fingerprint", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.issuedismissal",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="JoinedFill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=96)),
                ("fill_key", models.CharField(max_length=96)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "direction",
                    models.CharField(choices=[("long", "Long"), ("short", "Short")], max_length=5),
                ),
                ("currency", models.CharField(max_length=12)),
                ("opened_at", models.DateTimeField()),
                ("opened_on", models.DateField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_on", models.DateField(null=True)),
                (
                    "quantity",
                    common.fields.NumericField(help_text="The most that was open at once."),
                ),
                ("average_open", common.fields.NumericField(null=True)),
                ("average_close", common.fields.NumericField(null=True)),
                ("cost", common.fields.NumericField(null=True)),
                ("gross_pnl", common.fields.NumericField()),
                ("net_pnl", common.fields.NumericField()),
                ("fees", common.fields.NumericField()),
                ("gross_base", common.fields.NumericField(null=True)),
                ("net_base", common.fields.NumericField(null=True)),
                ("fees_base", common.fields.NumericField(null=True)),
                ("cost_base", common.fields.NumericField(null=True)),
                ("cost_known", models.BooleanField()),
                ("execution_count", models.IntegerField()),
                ("closed_quantity", common.fields.NumericField()),
                ("opened_quantity", common.fields.NumericField()),
                ("digest", models.CharField(max_length=32)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="execution",
            name="leg",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="executions",
                to="journal.leg",
            ),
        ),
        migrations.CreateModel(
            name="LegGrouping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("group", models.CharField(max_length=36)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LegGroupingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("group", models.CharField(max_length=36)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.leggrouping",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LotMatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ordinal", models.IntegerField()),
                (
                    "direction",
                    models.CharField(choices=[("long", "Long"), ("short", "Short")], max_length=5),
                ),
                ("currency", models.CharField(max_length=12)),
                (
                    "asset_class",
                    models.CharField(
                        choices=[
                            ("stock", "Stock"),
                            ("option", "Option"),
                            ("future", "Future"),
                            ("future_option", "Future option"),
                            ("forex", "Forex"),
                            ("crypto", "Crypto"),
                            ("cfd", "CFD"),
                            ("bond", "Bond"),
                            ("bill", "Bill"),
                            ("fund", "Fund"),
                            ("warrant", "Warrant"),
                            ("structured", "Structured"),
                            ("metal", "Metal"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("quantity", common.fields.NumericField()),
                ("open_price", common.fields.NumericField(null=True)),
                ("close_price", common.fields.NumericField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField()),
                ("closed_on", models.DateField()),
                ("open_fee", common.fields.NumericField()),
                ("close_fee", common.fields.NumericField()),
                ("gross_pnl", common.fields.NumericField(null=True)),
                ("net_pnl", common.fields.NumericField(null=True)),
                ("gross_base", common.fields.NumericField(null=True)),
                ("net_base", common.fields.NumericField(null=True)),
                ("open_fx_rate", common.fields.NumericField(null=True)),
                ("close_fx_rate", common.fields.NumericField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "closing",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="matches",
                        to="journal.execution",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "leg",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="matches",
                        to="journal.leg",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.execution",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "lot matches",
            },
        ),
        migrations.CreateModel(
            name="NamedFill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=96)),
                ("plan_id", models.CharField(blank=True, max_length=64)),
                ("recommendation_id", models.CharField(blank=True, max_length=64)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NavReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("reported_on", models.DateField()),
                ("total", common.fields.NumericField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpenLot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signed_quantity", common.fields.NumericField()),
                ("price", common.fields.NumericField(null=True)),
                ("fee", common.fields.NumericField()),
                ("opened_at", models.DateTimeField()),
                ("cost_known", models.BooleanField()),
                ("fx_rate", common.fields.NumericField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "leg",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="open_lots",
                        to="journal.leg",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.execution",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OptionEventReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exercise", "Exercise"),
                            ("assignment", "Assignment"),
                            ("expiry", "Expiry"),
                            ("cash_settlement", "Cash settlement"),
                            ("delivery", "Delivery"),
                        ],
                        max_length=16,
                    ),
                ),
                ("signed_quantity", common.fields.NumericField()),
                ("price", common.fields.NumericField()),
                ("happened_on", models.DateField()),
                ("trade_id", models.CharField(blank=True, max_length=64)),
                ("proceeds", common.fields.NumericField(null=True)),
                ("fee", common.fields.NumericField()),
                ("stated_cost", common.fields.NumericField(null=True)),
                ("stated_pnl", common.fields.NumericField(null=True)),
                ("fx_rate", common.fields.NumericField(null=True)),
                ("is_directed", models.BooleanField(default=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("client_order_id", models.CharField(blank=True, max_length=64)),
                ("order_id", models.CharField(blank=True, max_length=64)),
                ("parent_id", models.CharField(blank=True, max_length=64)),
                ("group_id", models.CharField(blank=True, max_length=64)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("entry", "Entry"),
                            ("stop_loss", "Stop loss"),
                            ("take_profit", "Take profit"),
                            ("exit", "Exit"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True, choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4
                    ),
                ),
                ("order_type", models.CharField(blank=True, max_length=32)),
                ("time_in_force", models.CharField(blank=True, max_length=16)),
                ("quantity", common.fields.NumericField(null=True)),
                ("limit_price", common.fields.NumericField(null=True)),
                ("stop_price", common.fields.NumericField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("placed", "Placed"),
                            ("modified", "Modified"),
                            ("triggered", "Triggered"),
                            ("partially_filled", "Partially filled"),
                            ("filled", "Filled"),
                            ("cancelled", "Cancelled"),
                            ("rejected", "Rejected"),
                            ("expired", "Expired"),
                        ],
                        max_length=18,
                    ),
                ),
                ("filled_quantity", common.fields.NumericField(null=True)),
                ("average_price", common.fields.NumericField(null=True)),
                ("fee", common.fields.NumericField(null=True)),
                ("fee_currency", models.CharField(blank=True, max_length=12)),
                ("reason", models.CharField(blank=True, max_length=255)),
                ("position_id", models.CharField(blank=True, max_length=64)),
                ("plan_id", models.CharField(blank=True, max_length=64)),
                ("recommendation_id", models.CharField(blank=True, max_length=64)),
                ("strategy", models.CharField(blank=True, max_length=64)),
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("changes", models.IntegerField()),
                ("placed_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("client_order_id", models.CharField(blank=True, max_length=64)),
                ("order_id", models.CharField(blank=True, max_length=64)),
                ("parent_id", models.CharField(blank=True, max_length=64)),
                ("group_id", models.CharField(blank=True, max_length=64)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("entry", "Entry"),
                            ("stop_loss", "Stop loss"),
                            ("take_profit", "Take profit"),
                            ("exit", "Exit"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True, choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4
                    ),
                ),
                ("order_type", models.CharField(blank=True, max_length=32)),
                ("time_in_force", models.CharField(blank=True, max_length=16)),
                ("quantity", common.fields.NumericField(null=True)),
                ("limit_price", common.fields.NumericField(null=True)),
                ("stop_price", common.fields.NumericField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("placed", "Placed"),
                            ("modified", "Modified"),
                            ("triggered", "Triggered"),
                            ("partially_filled", "Partially filled"),
                            ("filled", "Filled"),
                            ("cancelled", "Cancelled"),
                            ("rejected", "Rejected"),
                            ("expired", "Expired"),
                        ],
                        max_length=18,
                    ),
                ),
                ("filled_quantity", common.fields.NumericField(null=True)),
                ("average_price", common.fields.NumericField(null=True)),
                ("fee", common.fields.NumericField(null=True)),
                ("fee_currency", models.CharField(blank=True, max_length=12)),
                ("reason", models.CharField(blank=True, max_length=255)),
                ("position_id", models.CharField(blank=True, max_length=64)),
                ("plan_id", models.CharField(blank=True, max_length=64)),
                ("recommendation_id", models.CharField(blank=True, max_length=64)),
                ("strategy", models.CharField(blank=True, max_length=64)),
                ("happened_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("plan_id", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
                ("symbol", models.CharField(max_length=64)),
                (
                    "side",
                    models.CharField(
                        blank=True, choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4
                    ),
                ),
                ("strategy", models.CharField(blank=True, max_length=64)),
                ("timeframe", models.CharField(blank=True, max_length=32)),
                ("conditions", models.JSONField(null=True)),
                ("entry_price", common.fields.NumericField(null=True)),
                ("entry_price_to", common.fields.NumericField(null=True)),
                ("stop_price", common.fields.NumericField(null=True)),
                ("target_price", common.fields.NumericField(null=True)),
                ("quantity", common.fields.NumericField(null=True)),
                ("notes", models.TextField(blank=True)),
                ("recommendation_id", models.CharField(blank=True, max_length=64)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("triggered", "Triggered"),
                            ("executed", "Executed"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                        ],
                        default=journal.domain.chain.terms.PlanStatus["PENDING"],
                        max_length=9,
                    ),
                ),
                ("status_at", models.DateTimeField()),
                ("profit_loss", common.fields.NumericField(null=True)),
                ("currency", models.CharField(blank=True, max_length=12)),
                ("exit_price", common.fields.NumericField(null=True)),
                ("close_time", models.DateTimeField(null=True)),
                (
                    "close_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stop", "Stop"),
                            ("target", "Target"),
                            ("manual", "Manual"),
                            ("expiry", "Expiry"),
                            ("assignment", "Assignment"),
                            ("exercise", "Exercise"),
                            ("liquidation", "Liquidation"),
                            ("guard", "Guard"),
                            ("transfer", "Transfer"),
                            ("corporate_action", "Corporate action"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=16,
                    ),
                ),
                ("synced_at", models.DateTimeField(null=True)),
                ("follow_asked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConfirmedLinkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("confirmed", "Belongs to it"),
                            ("refused", "Does not belong to it"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.confirmedlink",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.plan",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="confirmedlink",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="journal.plan"
            ),
        ),
        migrations.CreateModel(
            name="PlanChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", models.BigIntegerField(null=True)),
                ("token", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=160)),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("tool", "Assistant"),
                            ("rule", "Rule"),
                        ],
                        max_length=4,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "Pending"),
                            ("triggered", "Triggered"),
                            ("executed", "Executed"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("triggered", "Triggered"),
                            ("executed", "Executed"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="journal.plan",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", models.BigIntegerField(null=True)),
                ("token", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=160)),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("api", "API"),
                            ("tool", "Assistant"),
                            ("rule", "Rule"),
                        ],
                        max_length=4,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("number", models.IntegerField()),
                ("terms", models.JSONField()),
                ("reason", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="journal.plan",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="PositionReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("signed_quantity", common.fields.NumericField()),
                ("mark_price", common.fields.NumericField(null=True)),
                ("value", common.fields.NumericField(null=True)),
                ("cost", common.fields.NumericField(null=True)),
                ("unrealized_pnl", common.fields.NumericField(null=True)),
                ("fx_rate", common.fields.NumericField(null=True)),
                ("reported_on", models.DateField(null=True)),
                ("is_lot", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField(null=True)),
                ("opening_broker_id", models.CharField(blank=True, max_length=64)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PriceSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("symbol", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=48)),
                ("seconds", models.PositiveIntegerField()),
                (
                    "basis",
                    models.CharField(
                        choices=[("raw", "As traded"), ("adjusted", "Adjusted for splits")],
                        default="raw",
                        max_length=8,
                    ),
                ),
                ("adjusted_at", models.DateTimeField(null=True)),
                ("zone", models.CharField(default="UTC", max_length=64)),
                ("bars", models.BigIntegerField(default=0)),
                ("first_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                ("asked", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "price series",
                "ordering": ["key", "seconds", "source", "id"],
            },
        ),
        migrations.CreateModel(
            name="PriceFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("stored_as", models.CharField(blank=True, max_length=255)),
                ("size_bytes", models.BigIntegerField()),
                ("expectation", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Read"), ("refused", "Refused")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=64)),
                ("message", models.TextField(blank=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("bars", models.BigIntegerField(default=0)),
                ("added", models.BigIntegerField(default=0)),
                ("changed", models.BigIntegerField(default=0)),
                ("bad_rows", models.BigIntegerField(default=0)),
                ("problems", models.JSONField(default=list)),
                (
                    "notes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="journal.priceseries",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PriceBar",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id",
                        "opened_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("open", common.fields.NumericField()),
                ("high", common.fields.NumericField()),
                ("low", common.fields.NumericField()),
                ("close", common.fields.NumericField()),
                ("volume", common.fields.NumericField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.priceseries",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PriceSplit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("symbol", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=48)),
                ("at", models.DateTimeField()),
                ("new", common.fields.NumericField()),
                ("old", common.fields.NumericField()),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Pull",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("pull", "Pull"), ("check", "Test")], default="pull", max_length=5
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting for a worker"),
                            ("running", "Asking the broker"),
                            ("waiting", "The broker is at work"),
                            ("importing", "Importing"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=9,
                    ),
                ),
                ("days_back", models.PositiveIntegerField(null=True)),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("source", models.CharField(default="schedule", max_length=16)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("resume_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=255)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("later", "Later"), ("person", "Person"), ("blocked", "Blocked")],
                        max_length=8,
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("error_message", models.TextField(blank=True)),
                ("wait", models.DurationField(default=datetime.timedelta)),
                ("blocked_until", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pulls",
                        to="journal.connection",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PullDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_number", models.CharField(blank=True, max_length=64)),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("is_repeat", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pull_documents",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "pull",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="journal.pull",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RecommendationStanding",
            fields=[
                (
                    "recommendation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="journal.recommendation",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("recommended", "Recommended"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("executed", "Executed"),
                            ("ignored", "Ignored"),
                            ("expired", "Expired"),
                        ],
                        max_length=11,
                    ),
                ),
                ("waits", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=160)),
                ("lapses_at", models.DateTimeField(null=True)),
                (
                    "lapses_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recommended", "Recommended"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("executed", "Executed"),
                            ("ignored", "Ignored"),
                            ("expired", "Expired"),
                        ],
                        max_length=11,
                    ),
                ),
                ("trade_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="recommendation",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="journal.brokeraccount",
            ),
        ),
        migrations.AddField(
            model_name="recommendation",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="journal.importbatch",
            ),
        ),
        migrations.AddField(
            model_name="recommendation",
            name="workspace",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.CreateModel(
            name="RecommendationOutcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_id", models.CharField(max_length=64)),
                ("user", models.BigIntegerField(null=True)),
                ("token", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=160)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("scanner", "Told by who proposed it"),
                            ("replay", "Replayed from prices"),
                        ],
                        max_length=8,
                    ),
                ),
                ("result_per_unit", common.fields.NumericField(null=True)),
                ("result", common.fields.NumericField(null=True)),
                ("currency", models.CharField(blank=True, max_length=12)),
                ("r_multiple", common.fields.NumericField(null=True)),
                ("entry_price", common.fields.NumericField(null=True)),
                ("exit_price", common.fields.NumericField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_reason", models.CharField(blank=True, max_length=64)),
                ("note", models.TextField(blank=True)),
                (
                    "mark_quality",
                    models.CharField(
                        choices=[
                            ("broker_fill", "Broker fill"),
                            ("intraday_quote", "Intraday quote"),
                            ("eod_mid", "Eod mid"),
                            ("theoretical", "Theoretical"),
                        ],
                        max_length=14,
                    ),
                ),
                ("known_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=40)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ReportingRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role_name", models.CharField(max_length=63)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SliceRollup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=12)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("gross_pnl", common.fields.NumericField(default=0)),
                ("net_pnl", common.fields.NumericField(default=0)),
                ("fees", common.fields.NumericField(default=0)),
                ("gross_base", common.fields.NumericField(default=0)),
                ("net_base", common.fields.NumericField(default=0)),
                ("fees_base", common.fields.NumericField(default=0)),
                ("unknown_base", models.IntegerField(default=0)),
                ("unknown_basis", models.IntegerField(default=0)),
                ("trades", models.IntegerField(default=0)),
                ("wins", models.IntegerField(default=0)),
                ("losses", models.IntegerField(default=0)),
                ("flats", models.IntegerField(default=0)),
                ("win_net", common.fields.NumericField(default=0)),
                ("loss_net", common.fields.NumericField(default=0)),
                ("win_net_base", common.fields.NumericField(default=0)),
                ("loss_net_base", common.fields.NumericField(default=0)),
                ("gross_wins", models.IntegerField(default=0)),
                ("gross_losses", models.IntegerField(default=0)),
                ("win_gross", common.fields.NumericField(default=0)),
                ("loss_gross", common.fields.NumericField(default=0)),
                ("win_gross_base", common.fields.NumericField(default=0)),
                ("loss_gross_base", common.fields.NumericField(default=0)),
                ("cost", common.fields.NumericField(default=0)),
                ("cost_base", common.fields.NumericField(default=0)),
                ("asset_class", models.CharField(max_length=16)),
                ("direction", models.CharField(max_length=5)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=255)),
                ("size_bytes", models.BigIntegerField()),
                ("stored_as", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="importbatch",
            name="file",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="journal.statementfile",
            ),
        ),
        migrations.CreateModel(
            name="ErasedInFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number_hash", models.CharField(max_length=40)),
                ("erased_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="erased",
                        to="journal.statementfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Structure",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=64)),
                ("units", common.fields.NumericField()),
                ("net_premium", common.fields.NumericField(null=True)),
                ("max_profit", common.fields.NumericField(null=True)),
                ("max_loss", common.fields.NumericField(null=True)),
                ("risk", common.fields.NumericField(null=True)),
                (
                    "break_evens",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=common.fields.NumericField(), default=list, size=None
                    ),
                ),
                ("reasons", models.JSONField(default=dict)),
                ("was_rolled", models.BooleanField(default=False)),
                ("joined_by", models.CharField(max_length=64)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=48)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ToolCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", models.BigIntegerField()),
                ("who", models.CharField(max_length=64)),
                ("door", models.CharField(max_length=8)),
                ("tool", models.CharField(max_length=64)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "Done"), ("refused", "Refused")], max_length=8
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("called_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Trade",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "direction",
                    models.CharField(choices=[("long", "Long"), ("short", "Short")], max_length=5),
                ),
                ("currency", models.CharField(max_length=12)),
                ("opened_at", models.DateTimeField()),
                ("opened_on", models.DateField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_on", models.DateField(null=True)),
                (
                    "quantity",
                    common.fields.NumericField(help_text="The most that was open at once."),
                ),
                ("average_open", common.fields.NumericField(null=True)),
                ("average_close", common.fields.NumericField(null=True)),
                ("cost", common.fields.NumericField(null=True)),
                ("gross_pnl", common.fields.NumericField()),
                ("net_pnl", common.fields.NumericField()),
                ("fees", common.fields.NumericField()),
                ("gross_base", common.fields.NumericField(null=True)),
                ("net_base", common.fields.NumericField(null=True)),
                ("fees_base", common.fields.NumericField(null=True)),
                ("cost_base", common.fields.NumericField(null=True)),
                ("cost_known", models.BooleanField()),
                ("execution_count", models.IntegerField()),
                ("symbol", models.CharField(max_length=64)),
                ("underlying", models.CharField(max_length=64)),
                (
                    "asset_class",
                    models.CharField(
                        choices=[
                            ("stock", "Stock"),
                            ("option", "Option"),
                            ("future", "Future"),
                            ("future_option", "Future option"),
                            ("forex", "Forex"),
                            ("crypto", "Crypto"),
                            ("cfd", "CFD"),
                            ("bond", "Bond"),
                            ("bill", "Bill"),
                            ("fund", "Fund"),
                            ("warrant", "Warrant"),
                            ("structured", "Structured"),
                            ("metal", "Metal"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("leg_count", models.SmallIntegerField(default=1)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("win", "Win"),
                            ("loss", "Loss"),
                            ("flat", "Break-even"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("statement", "Statement"),
                            ("broker_api", "Broker API"),
                            ("bot", "Bot"),
                            ("orchestrator", "Orchestrator"),
                            ("scanner", "Scanner"),
                            ("chat", "Chat"),
                            ("button", "Manual button"),
                            ("manual", "Entered by hand"),
                        ],
                        default="statement",
                        max_length=12,
                    ),
                ),
                ("last_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="leg",
            name="trade",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="legs",
                to="journal.trade",
            ),
        ),
        migrations.CreateModel(
            name="TradeChain",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "plan_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("person", "Person"),
                            ("plan_id", "Plan id"),
                            ("client_order_id", "Client order id"),
                            ("recommendation", "Recommendation"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "other_plans",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("recommendation_id", models.CharField(blank=True, max_length=64)),
                (
                    "close_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stop", "Stop"),
                            ("target", "Target"),
                            ("manual", "Manual"),
                            ("expiry", "Expiry"),
                            ("assignment", "Assignment"),
                            ("exercise", "Exercise"),
                            ("liquidation", "Liquidation"),
                            ("guard", "Guard"),
                            ("transfer", "Transfer"),
                            ("corporate_action", "Corporate action"),
                            ("unknown", "Unknown"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reason_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("person", "Person"),
                            ("order", "Order"),
                            ("fill", "Fill"),
                            ("price", "Price"),
                            ("nothing", "Nothing"),
                        ],
                        max_length=9,
                    ),
                ),
                ("is_mixed", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="chains",
                        to="journal.plan",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TradeNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField(max_length=20000)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TradeNoteEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField(max_length=20000)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.tradenote",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TradeTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trade_tags",
                        to="journal.tag",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TradeTagEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("fill_key", models.CharField(max_length=96)),
                ("trade_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="journal.tradetag",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="journal.tag",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TransferReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField(help_text="Element or line of the file, from 1.")),
                ("raw", common.fields.VerbatimField(help_text="The row as it was written.")),
                (
                    "event_key",
                    models.CharField(
                        help_text="The same for the same event, whichever file says it.",
                        max_length=96,
                    ),
                ),
                ("broker_id", models.CharField(blank=True, max_length=64)),
                ("kind", models.CharField(max_length=32)),
                ("signed_quantity", common.fields.NumericField()),
                ("price", common.fields.NumericField(null=True)),
                ("cash", common.fields.NumericField()),
                ("currency", models.CharField(max_length=12)),
                ("fx_rate", common.fields.NumericField(null=True)),
                ("occurred_at", models.DateTimeField()),
                ("reported_on", models.DateField(null=True)),
                ("counterparty", models.CharField(blank=True, max_length=128)),
                ("stated_cost", common.fields.NumericField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.brokeraccount",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.importbatch",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="journal.instrument",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="alertchannel",
            index=models.Index(fields=["workspace", "user"], name="alert_channel_of_person"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertchannel",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_alertchannelevent" ("created_at", "id", "kind", "name", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "topics", "user_id", "workspace_id") VALUES (NEW."created_at", NEW."id", NEW."kind", NEW."name", NEW."paused_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."topics", NEW."user_id", NEW."workspace_id"); RETURN NULL;',
                    hash="4c56b3a56278d5ccd244e624d28c0c9fed45a6a9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9f49c",
                    table="journal_alertchannel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertchannel",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."paused_at" IS DISTINCT FROM (NEW."paused_at") OR OLD."topics" IS DISTINCT FROM (NEW."topics"))',
                    func='INSERT INTO "journal_alertchannelevent" ("created_at", "id", "kind", "name", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "topics", "user_id", "workspace_id") VALUES (NEW."created_at", NEW."id", NEW."kind", NEW."name", NEW."paused_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."topics", NEW."user_id", NEW."workspace_id"); RETURN NULL;',
                    hash="5bdd6c244b8a87a65370bfe0b33980f3c07e7cd7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f9fa1",
                    table="journal_alertchannel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertchannel",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_alertchannelevent" ("created_at", "id", "kind", "name", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "topics", "user_id", "workspace_id") VALUES (OLD."created_at", OLD."id", OLD."kind", OLD."name", OLD."paused_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."topics", OLD."user_id", OLD."workspace_id"); RETURN NULL;',
                    hash="2627dbc4cb4ecd44ec347c3cb1b2c168ad42d054",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f48d2",
                    table="journal_alertchannel",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="alert_due"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["created_at"], name="alert_age"),
        ),
        migrations.AddConstraint(
            model_name="brokeraccount",
            constraint=models.UniqueConstraint(
                fields=("workspace", "broker", "broker_id"),
                name="broker_account_unique",
                violation_error_message="This account is already in the workspace.",
            ),
        ),
        migrations.AddConstraint(
            model_name="brokeraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("day_rollover_minutes__lt", 1440)),
                name="broker_account_rollover_within_day",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="brokeraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_brokeraccountevent" ("archived_at", "base_currency", "broker", "broker_id", "created_at", "day_rollover_minutes", "id", "is_hedging", "lot_method", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "statement_zone", "workspace_id", "zone") VALUES (NEW."archived_at", NEW."base_currency", NEW."broker", NEW."broker_id", NEW."created_at", NEW."day_rollover_minutes", NEW."id", NEW."is_hedging", NEW."lot_method", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."statement_zone", NEW."workspace_id", NEW."zone"); RETURN NULL;',
                    hash="0f2c44ba5ae3b84ff2548a0748f1da7a0b0b98b3",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e866b",
                    table="journal_brokeraccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="brokeraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."archived_at" IS DISTINCT FROM (NEW."archived_at") OR OLD."base_currency" IS DISTINCT FROM (NEW."base_currency") OR OLD."broker" IS DISTINCT FROM (NEW."broker") OR OLD."broker_id" IS DISTINCT FROM (NEW."broker_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."day_rollover_minutes" IS DISTINCT FROM (NEW."day_rollover_minutes") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_hedging" IS DISTINCT FROM (NEW."is_hedging") OR OLD."lot_method" IS DISTINCT FROM (NEW."lot_method") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."statement_zone" IS DISTINCT FROM (NEW."statement_zone") OR OLD."workspace_id" IS DISTINCT FROM (NEW."workspace_id") OR OLD."zone" IS DISTINCT FROM (NEW."zone"))',
                    func='INSERT INTO "journal_brokeraccountevent" ("archived_at", "base_currency", "broker", "broker_id", "created_at", "day_rollover_minutes", "id", "is_hedging", "lot_method", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "statement_zone", "workspace_id", "zone") VALUES (NEW."archived_at", NEW."base_currency", NEW."broker", NEW."broker_id", NEW."created_at", NEW."day_rollover_minutes", NEW."id", NEW."is_hedging", NEW."lot_method", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."statement_zone", NEW."workspace_id", NEW."zone"); RETURN NULL;',
                    hash="d0f8d9cd7abdaeb8036df5bc19da04ece3b4b906",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_da185",
                    table="journal_brokeraccount",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="closereasonnote",
            index=models.Index(fields=["workspace", "trade_id"], name="close_reason_note_by_trade"),
        ),
        migrations.AddConstraint(
            model_name="closereasonnote",
            constraint=models.UniqueConstraint(
                fields=("account", "fill_key"), name="close_reason_note_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="closereasonnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="close_reason_note_has_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closereasonnote",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_closereasonnoteevent" ("account_id", "author_id", "close_reason", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "trade_id", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."close_reason", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."trade_id", NEW."workspace_id"); RETURN NULL;',
                    hash="b9866c6fa254b5f9eae019397d6d633cfc09acdc",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_92e96",
                    table="journal_closereasonnote",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closereasonnote",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_closereasonnoteevent" ("account_id", "author_id", "close_reason", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "trade_id", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."close_reason", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."trade_id", NEW."workspace_id"); RETURN NULL;',
                    hash="620182b3dc48edb9fe14431a33d32996b1919168",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3240b",
                    table="journal_closereasonnote",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="columnmapping",
            index=models.Index(
                fields=["workspace", "fingerprint"], name="column_mapping_by_columns"
            ),
        ),
        migrations.AddConstraint(
            model_name="columnmapping",
            constraint=models.UniqueConstraint(
                fields=("account", "fingerprint"), name="column_mapping_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(
                condition=models.Q(("disconnected_at", None), ("paused_at", None)),
                fields=["next_at"],
                name="connection_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin", "environment")),
                fields=("workspace", "fetcher"),
                name="connection_environment_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(("pull_at_minutes__lt", 1440)),
                name="connection_pull_at_within_day",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="connection",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_connectionevent" ("created_at", "created_by_id", "credentials_digest", "disconnected_at", "fetcher", "history_from", "id", "name", "origin", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pull_at_minutes", "schedule", "workspace_id", "zone") VALUES (NEW."created_at", NEW."created_by_id", NEW."credentials_digest", NEW."disconnected_at", NEW."fetcher", NEW."history_from", NEW."id", NEW."name", NEW."origin", NEW."paused_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."pull_at_minutes", NEW."schedule", NEW."workspace_id", NEW."zone"); RETURN NULL;',
                    hash="2c721ed5d651eab248eac222458f16270057587c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_481fc",
                    table="journal_connection",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="connection",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."credentials_digest" IS DISTINCT FROM (NEW."credentials_digest") OR OLD."disconnected_at" IS DISTINCT FROM (NEW."disconnected_at") OR OLD."history_from" IS DISTINCT FROM (NEW."history_from") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."paused_at" IS DISTINCT FROM (NEW."paused_at") OR OLD."pull_at_minutes" IS DISTINCT FROM (NEW."pull_at_minutes") OR OLD."schedule" IS DISTINCT FROM (NEW."schedule") OR OLD."zone" IS DISTINCT FROM (NEW."zone"))',
                    func='INSERT INTO "journal_connectionevent" ("created_at", "created_by_id", "credentials_digest", "disconnected_at", "fetcher", "history_from", "id", "name", "origin", "paused_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pull_at_minutes", "schedule", "workspace_id", "zone") VALUES (NEW."created_at", NEW."created_by_id", NEW."credentials_digest", NEW."disconnected_at", NEW."fetcher", NEW."history_from", NEW."id", NEW."name", NEW."origin", NEW."paused_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."pull_at_minutes", NEW."schedule", NEW."workspace_id", NEW."zone"); RETURN NULL;',
                    hash="7c533fba39127f0a75d638df9317c486bbc9c2b3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ddf43",
                    table="journal_connection",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="bridgeseries",
            constraint=models.UniqueConstraint(
                fields=("connection", "bridge", "account_number", "server"),
                name="bridge_series_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("account", "fill_key"),
                name="correction_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="correction_has_reason"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="correction",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_correctionevent" ("account_id", "author_id", "changes", "created_at", "fill_key", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "trade_id", "withdrawn_at", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."changes", NEW."created_at", NEW."fill_key", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."trade_id", NEW."withdrawn_at", NEW."workspace_id"); RETURN NULL;',
                    hash="3f54175a19a9d32692da0260e924260732657bdd",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_844ac",
                    table="journal_correction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="correction",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_correctionevent" ("account_id", "author_id", "changes", "created_at", "fill_key", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "trade_id", "withdrawn_at", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."changes", NEW."created_at", NEW."fill_key", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."trade_id", NEW."withdrawn_at", NEW."workspace_id"); RETURN NULL;',
                    hash="2143fffbfe67f3510751e3450b1f13354950e495",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ebb6e",
                    table="journal_correction",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="dayrollup",
            index=models.Index(fields=["workspace", "day"], name="day_rollup_by_day"),
        ),
        migrations.AddConstraint(
            model_name="dayrollup",
            constraint=models.UniqueConstraint(
                fields=("account", "day", "currency", "source"), name="day_rollup_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["workspace", "record_id", "id"], name="decision_log"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ae088e23d7de140e6fe29524874e14083b38ab56",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_917bd",
                    table="journal_decision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="decisionlink",
            index=models.Index(fields=["workspace", "record_id"], name="decision_link_by_name"),
        ),
        migrations.AddConstraint(
            model_name="decisionrules",
            constraint=models.UniqueConstraint(fields=("workspace",), name="decision_rules_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decisionrules",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_decisionrulesevent" ("id", "ignored_after_hours", "link_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "workspace_id") VALUES (NEW."id", NEW."ignored_after_hours", NEW."link_hours", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."workspace_id"); RETURN NULL;',
                    hash="69996c3332d7b7497dd7c3d91530ed5e8517068c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9e120",
                    table="journal_decisionrules",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decisionrules",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_decisionrulesevent" ("id", "ignored_after_hours", "link_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "workspace_id") VALUES (NEW."id", NEW."ignored_after_hours", NEW."link_hours", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."workspace_id"); RETURN NULL;',
                    hash="711d07ab2a0c2cfb4adab4f282d5abb4b645152c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_65020",
                    table="journal_decisionrules",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="idempotentrequest",
            index=models.Index(fields=["created_at"], name="idempotent_request_age"),
        ),
        migrations.AddConstraint(
            model_name="idempotentrequest",
            constraint=models.UniqueConstraint(
                fields=("workspace", "key"), name="idempotent_request_key"
            ),
        ),
        migrations.AddIndex(
            model_name="conversionrate",
            index=models.Index(
                fields=["account", "from_currency", "to_currency", "reported_on"],
                name="conversion_rate_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="conversionrate",
            index=models.Index(fields=["account", "event_key"], name="conversion_rate_by_key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="conversionrate",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c41a2dd1bcb72c245ffe490327915695a5f0938d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f20b2",
                    table="journal_conversionrate",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="cashbalancereport",
            index=models.Index(
                fields=["account", "currency", "-reported_on"], name="cash_balance_latest"
            ),
        ),
        migrations.AddIndex(
            model_name="cashbalancereport",
            index=models.Index(fields=["account", "event_key"], name="cash_balance_by_key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cashbalancereport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0471b1e8062baaf7c2157a177ce50d61aa3bde36",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ddd31",
                    table="journal_cashbalancereport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="capturedrecord",
            index=models.Index(
                condition=models.Q(("batch", None)),
                fields=["workspace", "id"],
                name="captured_record_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="capturedrecord",
            index=models.Index(fields=["account"], name="captured_record_by_account"),
        ),
        migrations.AddConstraint(
            model_name="capturedrecord",
            constraint=models.UniqueConstraint(
                fields=("workspace", "kind", "record_id"), name="captured_record_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capturedrecord",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="30acb8ad5db0a07f4675119a711d978ad0b8cad0",
                    operation="DELETE",
                    pgid="pgtrigger_append_only_1f961",
                    table="journal_capturedrecord",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capturedrecord",
            trigger=pgtrigger.compiler.Trigger(
                name="verbatim",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."payload" IS DISTINCT FROM (NEW."payload") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."record_id" IS DISTINCT FROM (NEW."record_id") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."token" IS DISTINCT FROM (NEW."token") OR OLD."user" IS DISTINCT FROM (NEW."user") OR OLD."workspace_id" IS DISTINCT FROM (NEW."workspace_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a79416c0dadff22d6e487a920cb5c07152eea18d",
                    operation="UPDATE",
                    pgid="pgtrigger_verbatim_5b1ee",
                    table="journal_capturedrecord",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="bridgepush",
            constraint=models.UniqueConstraint(
                fields=("series", "sequence"), name="bridge_push_once"
            ),
        ),
        migrations.AddIndex(
            model_name="instrument",
            index=models.Index(fields=["workspace", "symbol", "id"], name="instrument_by_symbol"),
        ),
        migrations.AddIndex(
            model_name="instrument",
            index=models.Index(
                condition=models.Q(("former_symbols", []), _negated=True),
                fields=["workspace"],
                name="instrument_renamed",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.UniqueConstraint(
                fields=("workspace", "key"), name="instrument_key_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(("multiplier__gt", 0)), name="instrument_multiplier_positive"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="instrument",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."asset_class" IS DISTINCT FROM (NEW."asset_class") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."is_inverse" IS DISTINCT FROM (NEW."is_inverse") OR OLD."multiplier" IS DISTINCT FROM (NEW."multiplier") OR OLD."tick_size" IS DISTINCT FROM (NEW."tick_size"))',
                    func='INSERT INTO "journal_instrumentevent" ("asset_class", "currency", "cusip", "description", "exchange", "expiry_on", "figi", "former_symbols", "id", "is_inverse", "isin", "key", "multiplier", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "right", "strike", "symbol", "tick_size", "underlying_id", "underlying_symbol", "workspace_id") VALUES (NEW."asset_class", NEW."currency", NEW."cusip", NEW."description", NEW."exchange", NEW."expiry_on", NEW."figi", NEW."former_symbols", NEW."id", NEW."is_inverse", NEW."isin", NEW."key", NEW."multiplier", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."right", NEW."strike", NEW."symbol", NEW."tick_size", NEW."underlying_id", NEW."underlying_symbol", NEW."workspace_id"); RETURN NULL;',
                    hash="c4715a4a36a94094b095b4a39194a84257563a94",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6f531",
                    table="journal_instrument",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="executionreport",
            index=models.Index(fields=["account", "fill_key"], name="execution_report_by_fill"),
        ),
        migrations.AddIndex(
            model_name="executionreport",
            index=models.Index(
                fields=["account", "instrument", "executed_at"], name="execution_report_in_time"
            ),
        ),
        migrations.AddIndex(
            model_name="executionreport",
            index=models.Index(
                condition=models.Q(("exec_id", ""), _negated=True),
                fields=["account", "exec_id"],
                name="execution_report_by_exec",
            ),
        ),
        migrations.AddIndex(
            model_name="executionreport",
            index=models.Index(
                condition=models.Q(("order_reference", ""), _negated=True),
                fields=["account", "order_reference"],
                name="execution_report_by_reference",
            ),
        ),
        migrations.AddIndex(
            model_name="executionreport",
            index=models.Index(
                condition=models.Q(
                    models.Q(("report", "fill"), _negated=True),
                    ("authority__lte", 20),
                    _connector="OR",
                ),
                fields=["account", "instrument"],
                name="execution_report_uncuttable",
            ),
        ),
        migrations.AddIndex(
            model_name="executionreport",
            index=models.Index(
                condition=models.Q(("kind__in", ["assignment", "exercise"])),
                fields=["account", "executed_at"],
                name="execution_report_delivery",
            ),
        ),
        migrations.AddConstraint(
            model_name="executionreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "side__in",
                        [journal.domain.values.Side["BUY"], journal.domain.values.Side["SELL"]],
                    )
                ),
                name="execution_report_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="executionreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 0)), name="execution_report_quantity"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="executionreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="45ae64c415aa395a4ff6fd2191323dca9493a635",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ee9cc",
                    table="journal_executionreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="executionreport",
            trigger=pgtrigger.compiler.Trigger(
                name="references",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM FROM journal_importbatch WHERE id IN (SELECT batch_id FROM fresh) FOR KEY SHARE;\n    PERFORM FROM journal_brokeraccount WHERE id IN (SELECT account_id FROM fresh) FOR KEY SHARE;\n    PERFORM FROM journal_instrument WHERE id IN (SELECT instrument_id FROM fresh) FOR KEY SHARE;\n    IF EXISTS (\n        SELECT FROM (\n            SELECT DISTINCT workspace_id, batch_id, account_id, instrument_id FROM fresh\n        ) AS named\n        LEFT JOIN journal_importbatch b\n            ON b.id = named.batch_id AND b.workspace_id = named.workspace_id\n        LEFT JOIN journal_brokeraccount a\n            ON a.id = named.account_id AND a.workspace_id = named.workspace_id\n        LEFT JOIN journal_instrument i\n            ON i.id = named.instrument_id AND i.workspace_id = named.workspace_id\n        WHERE b.id IS NULL OR a.id IS NULL OR i.id IS NULL\n    ) THEN\n        RAISE foreign_key_violation USING MESSAGE =\n            'an execution report names an import, account or instrument that its workspace does not have';\n    END IF;\n    RETURN NULL;\n",
                    hash="1681479b4dbb62715277612e812d58d9b86b2c4d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_references_46ff0",
                    referencing="REFERENCING NEW TABLE AS fresh ",
                    table="journal_executionreport",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="dataissue",
            index=models.Index(fields=["workspace", "severity", "-id"], name="data_issue_newest"),
        ),
        migrations.AddIndex(
            model_name="dataissue",
            index=models.Index(fields=["account", "instrument"], name="data_issue_by_instrument"),
        ),
        migrations.AddIndex(
            model_name="corporateactionreport",
            index=models.Index(fields=["account", "event_key"], name="corporate_report_by_key"),
        ),
        migrations.AddIndex(
            model_name="corporateactionreport",
            index=models.Index(fields=["account", "instrument"], name="corporate_report_by_inst"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="corporateactionreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8570aace3ad0cfa0b7fb5b4458ddd833591854c7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_9d47b",
                    table="journal_corporateactionreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="closedlotreport",
            index=models.Index(
                fields=["account", "instrument", "closing_broker_id"],
                name="closed_lot_report_by_fill",
            ),
        ),
        migrations.AddIndex(
            model_name="closedlotreport",
            index=models.Index(fields=["account", "event_key"], name="closed_lot_report_by_key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closedlotreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3c33d796f94301ecd79dbe9c59fad6732b4f7710",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ab247",
                    table="journal_closedlotreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="cashreport",
            index=models.Index(fields=["account", "event_key"], name="cash_report_by_key"),
        ),
        migrations.AddIndex(
            model_name="cashreport",
            index=models.Index(
                fields=["workspace", "-occurred_at", "-id"], name="cash_report_in_time"
            ),
        ),
        migrations.AddIndex(
            model_name="cashreport",
            index=models.Index(fields=["account", "occurred_on"], name="cash_report_by_day"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cashreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="62630301b5dc6ddb6aab43f9040c002e2989f381",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2e3ab",
                    table="journal_cashreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="brokerinstrument",
            index=models.Index(
                condition=models.Q(("underlying_broker_id", ""), _negated=True),
                fields=["workspace", "broker", "underlying_broker_id"],
                name="broker_instrument_underlying",
            ),
        ),
        migrations.AddConstraint(
            model_name="brokerinstrument",
            constraint=models.UniqueConstraint(
                fields=("workspace", "broker", "broker_id"), name="broker_instrument_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="instrumentname",
            constraint=models.UniqueConstraint(
                fields=("instrument", "batch", "account", "symbol"), name="instrument_name_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="issuedismissal",
            constraint=models.UniqueConstraint(
                fields=("workspace", "fingerprint"), name="issue_dismissal_unique"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="issuedismissal",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_issuedismissalevent" ("author_id", "created_at", "fingerprint", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "workspace_id") VALUES (NEW."author_id", NEW."created_at", NEW."fingerprint", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."workspace_id"); RETURN NULL;',
                    hash="46b171eb70ad2594738387c0bbb0bdda83d31ff5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3e07f",
                    table="journal_issuedismissal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="issuedismissal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_issuedismissalevent" ("author_id", "created_at", "fingerprint", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "workspace_id") VALUES (NEW."author_id", NEW."created_at", NEW."fingerprint", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."workspace_id"); RETURN NULL;',
                    hash="a08f4ae47d208af6cd6ee75dbfb56e2e3ed00402",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fb70b",
                    table="journal_issuedismissal",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="joinedfill",
            index=models.Index(fields=["account", "fill_key"], name="joined_fill_by_fill"),
        ),
        migrations.AddIndex(
            model_name="joinedfill",
            index=models.Index(fields=["account", "instrument"], name="joined_fill_by_instrument"),
        ),
        migrations.AddConstraint(
            model_name="joinedfill",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="joined_fill_once"),
        ),
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(
                fields=["workspace", "-executed_at", "-id"], name="execution_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(
                fields=["account", "instrument", "executed_at"], name="execution_in_time"
            ),
        ),
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(
                condition=models.Q(("closed_leg__isnull", False)),
                fields=["closed_leg"],
                name="execution_by_closed_leg",
            ),
        ),
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(fields=["account", "trading_day"], name="execution_by_day"),
        ),
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(
                condition=models.Q(("uses_rates", True)),
                fields=["account", "executed_at"],
                name="execution_by_rates",
            ),
        ),
        migrations.AddConstraint(
            model_name="execution",
            constraint=models.UniqueConstraint(
                fields=("account", "fill_key"), name="execution_fill_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="leggrouping",
            constraint=models.UniqueConstraint(
                fields=("account", "fill_key"), name="leg_grouping_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leggrouping",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_leggroupingevent" ("account_id", "author_id", "created_at", "fill_key", "group", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trade_id", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."group", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."trade_id", NEW."workspace_id"); RETURN NULL;',
                    hash="bf59938c113b28e9c1bef390905f470c8b95b3ff",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b6fc6",
                    table="journal_leggrouping",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="leggrouping",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_leggroupingevent" ("account_id", "author_id", "created_at", "fill_key", "group", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trade_id", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."group", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."trade_id", NEW."workspace_id"); RETURN NULL;',
                    hash="437aa76374400b10b2a3bf18d6e0ad5a491c7b21",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_eaafb",
                    table="journal_leggrouping",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="lotmatch",
            index=models.Index(fields=["account", "closed_on"], name="lot_match_by_day"),
        ),
        migrations.AddIndex(
            model_name="namedfill",
            index=models.Index(
                condition=models.Q(("plan_id", ""), _negated=True),
                fields=["workspace", "plan_id"],
                name="named_fill_by_plan",
            ),
        ),
        migrations.AddIndex(
            model_name="namedfill",
            index=models.Index(
                condition=models.Q(("recommendation_id", ""), _negated=True),
                fields=["workspace", "recommendation_id"],
                name="named_fill_by_recommendation",
            ),
        ),
        migrations.AddConstraint(
            model_name="namedfill",
            constraint=models.UniqueConstraint(
                fields=("account", "key", "batch", "plan_id", "recommendation_id"),
                name="named_fill_once",
            ),
        ),
        migrations.AddIndex(
            model_name="navreport",
            index=models.Index(fields=["account", "reported_on"], name="nav_report_by_day"),
        ),
        migrations.AddIndex(
            model_name="navreport",
            index=models.Index(fields=["account", "event_key"], name="nav_report_by_key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="navreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="12bde7278911547bc7e899ab2aa0528106e8c06d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d5835",
                    table="journal_navreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="openlot",
            index=models.Index(fields=["account", "instrument"], name="open_lot_by_instrument"),
        ),
        migrations.AddIndex(
            model_name="optioneventreport",
            index=models.Index(fields=["account", "event_key"], name="option_event_by_key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="optioneventreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8820d96b632aaab7720a66a3441d85478d0301cb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_036d3",
                    table="journal_optioneventreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["workspace", "-last_at", "-id"], name="order_newest"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["account", "-last_at", "-id"], name="order_newest_by_account"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["instrument", "-last_at", "-id"], name="order_newest_by_instrument"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["workspace", "-last_at", "-id"],
                name="order_open",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("client_order_id", ""), _negated=True),
                fields=["account", "client_order_id"],
                name="order_by_client",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("order_id", ""), _negated=True),
                fields=["account", "order_id"],
                name="order_by_broker",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("parent_id", ""), _negated=True),
                fields=["account", "parent_id"],
                name="order_by_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("group_id", ""), _negated=True),
                fields=["account", "group_id"],
                name="order_by_group",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("plan_id", ""), _negated=True),
                fields=["workspace", "plan_id"],
                name="order_by_plan",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("recommendation_id", ""), _negated=True),
                fields=["workspace", "recommendation_id"],
                name="order_by_recommendation",
            ),
        ),
        migrations.AddIndex(
            model_name="orderreport",
            index=models.Index(fields=["account", "event_key"], name="order_report_by_key"),
        ),
        migrations.AddIndex(
            model_name="orderreport",
            index=models.Index(
                condition=models.Q(("client_order_id", ""), _negated=True),
                fields=["account", "client_order_id"],
                name="order_report_by_client",
            ),
        ),
        migrations.AddIndex(
            model_name="orderreport",
            index=models.Index(
                condition=models.Q(("order_id", ""), _negated=True),
                fields=["account", "order_id"],
                name="order_report_by_order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1f5d20f4fd07d8d940e1c0f134b9d88a670d2147",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e437e",
                    table="journal_orderreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(fields=["workspace", "-created_at", "-id"], name="plan_newest"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                fields=["workspace", "symbol", "-created_at"], name="plan_by_symbol"
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                condition=models.Q(("recommendation_id", ""), _negated=True),
                fields=["workspace", "recommendation_id"],
                name="plan_by_recommendation",
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                condition=models.Q(("follow_asked_at__isnull", False)),
                fields=["follow_asked_at"],
                name="plan_to_follow",
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                condition=models.Q(
                    ("expires_at__isnull", False), ("status__in", ["pending", "triggered"])
                ),
                fields=["expires_at"],
                name="plan_to_expire",
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                fields=("workspace", "plan_id"), name="plan_id_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="confirmedlink",
            index=models.Index(fields=["workspace", "trade_id"], name="confirmed_link_by_trade"),
        ),
        migrations.AddConstraint(
            model_name="confirmedlink",
            constraint=models.UniqueConstraint(
                fields=("account", "fill_key", "plan"), name="confirmed_link_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="confirmedlink",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_confirmedlinkevent" ("account_id", "author_id", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "reason", "trade_id", "verdict", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plan_id", NEW."reason", NEW."trade_id", NEW."verdict", NEW."workspace_id"); RETURN NULL;',
                    hash="fdddd17d9bf48c1c0147b69cf59cfa30c116b6fa",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9434f",
                    table="journal_confirmedlink",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="confirmedlink",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_confirmedlinkevent" ("account_id", "author_id", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "reason", "trade_id", "verdict", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plan_id", NEW."reason", NEW."trade_id", NEW."verdict", NEW."workspace_id"); RETURN NULL;',
                    hash="c4c21244da6ae3d157e61cd68e1131499fc407ce",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f5159",
                    table="journal_confirmedlink",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="01f0fe361dcb83d204c45e8b43836244e4563ecb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_55eea",
                    table="journal_planchange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="plan_version_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="532127e2caf350700707e4e4e01417add068bf09",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_89471",
                    table="journal_planversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="positionreport",
            index=models.Index(
                condition=models.Q(("is_lot", False)),
                fields=["account", "instrument", "-reported_on", "-id"],
                name="position_report_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="positionreport",
            index=models.Index(
                condition=models.Q(("is_lot", False)),
                fields=["account", "reported_on"],
                name="position_report_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="positionreport",
            index=models.Index(
                condition=models.Q(("is_lot", True)),
                fields=["account", "reported_on"],
                name="position_lot_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="positionreport",
            index=models.Index(fields=["account", "event_key"], name="position_report_by_key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="positionreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2796b62706063c131eff540d838fd9c19956aa05",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b644c",
                    table="journal_positionreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="priceseries",
            constraint=models.UniqueConstraint(
                fields=("workspace", "key", "seconds", "source", "basis"),
                name="price_series_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceseries",
            constraint=models.CheckConstraint(
                condition=models.Q(("seconds__gt", 0), ("seconds__lte", 86400)),
                name="price_series_length",
            ),
        ),
        migrations.AddIndex(
            model_name="pricefile",
            index=models.Index(fields=["workspace", "-id"], name="price_file_newest"),
        ),
        migrations.AddIndex(
            model_name="pricefile",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["id"], name="price_file_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesplit",
            constraint=models.UniqueConstraint(
                fields=("workspace", "key", "source", "at"), name="price_split_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesplit",
            constraint=models.CheckConstraint(
                condition=models.Q(("new__gt", 0), ("old__gt", 0)), name="price_split_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="pull",
            index=models.Index(fields=["connection", "-id"], name="pull_history"),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running", "waiting", "importing"])),
                fields=("connection",),
                name="pull_one_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="recommendationstanding",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="journal.brokeraccount",
            ),
        ),
        migrations.AddField(
            model_name="recommendationstanding",
            name="workspace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendation",
            index=models.Index(
                fields=["workspace", "-recommended_at", "-id"], name="recommendation_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="recommendation",
            index=models.Index(
                fields=["workspace", "symbol", "-recommended_at"], name="recommendation_by_symbol"
            ),
        ),
        migrations.AddIndex(
            model_name="recommendation",
            index=models.Index(fields=["workspace", "record_id"], name="recommendation_by_name"),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.UniqueConstraint(
                fields=("workspace", "record_id", "batch"), name="recommendation_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fd60d595efb2cfc293ce963d0e18019a36c992b5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_446e1",
                    table="journal_recommendation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationoutcome",
            index=models.Index(fields=["workspace", "record_id", "-id"], name="outcome_newest"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recommendationoutcome",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a12bf5ebeb995b9b498f8e2ea05b1159863f4775",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ade1b",
                    table="journal_recommendationoutcome",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingrole",
            constraint=models.UniqueConstraint(
                fields=("role_name", "workspace"), name="reporting_role_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="slicerollup",
            index=models.Index(fields=["workspace", "day"], name="slice_rollup_by_day"),
        ),
        migrations.AddConstraint(
            model_name="slicerollup",
            constraint=models.UniqueConstraint(
                fields=("account", "day", "currency", "source", "asset_class", "direction"),
                name="slice_rollup_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementfile",
            constraint=models.UniqueConstraint(
                fields=("workspace", "sha256"), name="statement_file_unique"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementfile",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b64bde05a2ad7e18bcacfc27c8d90cacfa77def6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7b6f1",
                    table="journal_statementfile",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(fields=["workspace", "-id"], name="import_batch_history"),
        ),
        migrations.AddIndex(
            model_name="importbatch",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["received", "previewing", "queued", "running", "withdrawing"])
                ),
                fields=["state"],
                name="import_batch_unfinished",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="importbatch",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_importbatchstateerrorcodecreatedbywithdrawnatevent" ("created_by_id", "error_code", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "withdrawn_at") VALUES (NEW."created_by_id", NEW."error_code", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."state", NEW."withdrawn_at"); RETURN NULL;',
                    hash="40d9357833ad0931ca7e0ca9e4d8f8439bebefea",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ee1a5",
                    table="journal_importbatch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="importbatch",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                    func='INSERT INTO "journal_importbatchstateerrorcodecreatedbywithdrawnatevent" ("created_by_id", "error_code", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "withdrawn_at") VALUES (NEW."created_by_id", NEW."error_code", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."state", NEW."withdrawn_at"); RETURN NULL;',
                    hash="738dc548a94f8038ef2d584b1f12c9e99a0ba4c9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_304ba",
                    table="journal_importbatch",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="erasedinfile",
            constraint=models.UniqueConstraint(
                fields=("file", "number_hash"), name="erased_in_file_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="structure",
            index=models.Index(fields=["workspace", "kind", "id"], name="structure_by_kind"),
        ),
        migrations.AddIndex(
            model_name="structure",
            index=models.Index(fields=["account"], name="structure_by_account"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                models.F("workspace"),
                django.db.models.functions.text.Lower("name"),
                name="tag_name_unique",
            ),
        ),
        migrations.AddIndex(
            model_name="toolcall",
            index=models.Index(fields=["workspace", "-id"], name="tool_call_newest"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="toolcall",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="36b26c87c4a59a605c356157ca29afc0aa12fc47",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c0356",
                    table="journal_toolcall",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(fields=["workspace", "-last_at", "-id"], name="trade_newest"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                fields=["account", "-last_at", "-id"], name="trade_newest_by_account"
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                fields=["workspace", "symbol", "-last_at", "-id"], name="trade_newest_by_symbol"
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                fields=["workspace", "underlying", "-last_at"], name="trade_newest_by_underlying"
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(fields=["workspace", "-net_base", "-id"], name="trade_by_net"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(fields=["workspace", "-opened_at", "-id"], name="trade_by_opening"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(fields=["account", "closed_on"], name="trade_by_closing_day"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["workspace", "-last_at"],
                name="trade_open",
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("leg_count__gt", 1)),
                fields=["account"],
                name="trade_of_several",
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("source", "statement"), _negated=True),
                fields=["account", "source", "-last_at", "-id"],
                name="trade_by_actor",
            ),
        ),
        migrations.AddIndex(
            model_name="leg",
            index=models.Index(fields=["account", "instrument", "opened_at"], name="leg_in_time"),
        ),
        migrations.AddIndex(
            model_name="tradechain",
            index=models.Index(
                condition=models.Q(("recommendation_id", ""), _negated=True),
                fields=["workspace", "recommendation_id"],
                name="chain_by_recommendation",
            ),
        ),
        migrations.AddIndex(
            model_name="tradechain",
            index=models.Index(
                condition=models.Q(("close_reason", ""), _negated=True),
                fields=["workspace", "close_reason"],
                name="chain_by_close_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="tradechain",
            index=models.Index(fields=["account"], name="chain_by_account"),
        ),
        migrations.AddIndex(
            model_name="tradenote",
            index=models.Index(fields=["workspace", "trade_id"], name="trade_note_by_trade"),
        ),
        migrations.AddIndex(
            model_name="tradenote",
            index=models.Index(fields=["account", "fill_key"], name="trade_note_by_fill"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tradenote",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_tradenoteevent" ("account_id", "author_id", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "trade_id", "updated_at", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."text", NEW."trade_id", NEW."updated_at", NEW."workspace_id"); RETURN NULL;',
                    hash="2094f6116fe0b0d4939f413e49b853cd14a87110",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e1c9d",
                    table="journal_tradenote",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tradenote",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_tradenoteevent" ("account_id", "author_id", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "trade_id", "updated_at", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."text", NEW."trade_id", NEW."updated_at", NEW."workspace_id"); RETURN NULL;',
                    hash="0c0796aa0bb1a1f55b0f822a69c74a19ef0a9d0f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2cf1e",
                    table="journal_tradenote",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="tradetag",
            index=models.Index(fields=["workspace", "tag", "trade_id"], name="trade_tag_by_tag"),
        ),
        migrations.AddConstraint(
            model_name="tradetag",
            constraint=models.UniqueConstraint(
                fields=("account", "fill_key", "tag"), name="trade_tag_unique"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tradetag",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "journal_tradetagevent" ("account_id", "author_id", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tag_id", "trade_id", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."tag_id", NEW."trade_id", NEW."workspace_id"); RETURN NULL;',
                    hash="df79478db65400f34ddd063601a9d48740b4b8b5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a1e6c",
                    table="journal_tradetag",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tradetag",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "journal_tradetagevent" ("account_id", "author_id", "created_at", "fill_key", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tag_id", "trade_id", "workspace_id") VALUES (NEW."account_id", NEW."author_id", NEW."created_at", NEW."fill_key", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."tag_id", NEW."trade_id", NEW."workspace_id"); RETURN NULL;',
                    hash="0a928aaae00a50865ebebbf03af921ca8c552e5d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4e25b",
                    table="journal_tradetag",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="transferreport",
            index=models.Index(fields=["account", "event_key"], name="transfer_report_by_key"),
        ),
        migrations.AddIndex(
            model_name="transferreport",
            index=models.Index(fields=["account", "instrument"], name="transfer_report_by_inst"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transferreport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="095cdfd59b727eb9aefd8ff3215ba98d69105b7c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_10553",
                    table="journal_transferreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstanding",
            index=models.Index(
                condition=models.Q(("lapses_at__isnull", False)),
                fields=["lapses_at"],
                name="standing_lapses",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstanding",
            index=models.Index(fields=["workspace", "status"], name="standing_by_status"),
        ),
        migrations.AddIndex(
            model_name="recommendationstanding",
            index=models.Index(
                condition=models.Q(("waits", True)),
                fields=["workspace", "lapses_at"],
                name="standing_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstanding",
            index=models.Index(
                condition=models.Q(("trade_id__isnull", False)),
                fields=["workspace", "trade_id"],
                name="standing_by_trade",
            ),
        ),
    ]
