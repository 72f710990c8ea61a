"""The pages of the journal."""

from __future__ import annotations

from django.urls import path

from journal.views import (
    accounts,
    bridges,
    calendar,
    columns,
    connections,
    cost_shares,
    dashboard,
    evidence,
    imports,
    issues,
    notes,
    trade,
    trades,
)

app_name = "journal"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("calendar", calendar.calendar, name="calendar"),
    path("trades", trades.trades, name="trades"),
    path("trades/totals", trades.totals, name="trades-totals"),
    path("trades/export.csv", trades.export, name="trades-export"),
    path("trades/<int:trade_id>", trade.trade, name="trade"),
    path("trades/<int:trade_id>/notes", notes.add, name="note-add"),
    path("notes/<int:note_id>", notes.edit, name="note"),
    path("notes/<int:note_id>/delete", notes.delete, name="note-delete"),
    path("trades/<int:trade_id>/tags", notes.tag, name="tag-add"),
    path("trades/<int:trade_id>/tags/<int:tag_id>/remove", notes.untag, name="tag-remove"),
    path("fills/<int:execution_id>/correct", evidence.correct, name="fill-correct"),
    path("fills/<int:execution_id>/cost-share", cost_shares.cost_share, name="cost-share"),
    path("corrections", evidence.corrections, name="corrections"),
    path("corrections/<int:correction_id>/withdraw", evidence.withdraw, name="correction-withdraw"),
    path("evidence/<int:report_id>", evidence.report, name="evidence"),
    path("accounts", accounts.accounts, name="accounts"),
    path("accounts/new", accounts.new, name="account-new"),
    path("accounts/<int:account_id>", accounts.account, name="account"),
    path("accounts/<int:account_id>/archive", accounts.archive, name="account-archive"),
    path("accounts/<int:account_id>/erase", accounts.erase, name="account-erase"),
    path("connections", connections.connections, name="connections"),
    path("connections/new", connections.new, name="connection-new"),
    path("connections/new/mt5", bridges.new, name="connection-bridge"),
    path("connections/<int:connection_id>/secret", bridges.secret, name="connection-secret"),
    path("connections/<int:connection_id>", connections.connection, name="connection"),
    path("connections/<int:connection_id>/pull", connections.pull, name="connection-pull"),
    path("connections/<int:connection_id>/check", connections.check, name="connection-check"),
    path("connections/<int:connection_id>/pause", connections.pause, name="connection-pause"),
    path(
        "connections/<int:connection_id>/credentials",
        connections.credentials,
        name="connection-credentials",
    ),
    path(
        "connections/<int:connection_id>/disconnect",
        connections.disconnect,
        name="connection-disconnect",
    ),
    path("imports", imports.imports, name="imports"),
    path("imports/paste", imports.paste, name="import-paste"),
    path("imports/<int:batch_id>", imports.import_, name="import"),
    path("imports/<int:batch_id>/columns", columns.columns, name="import-columns"),
    path("imports/<int:batch_id>/check", imports.check, name="import-check"),
    path("imports/<int:batch_id>/confirm", imports.confirm, name="import-confirm"),
    path("imports/<int:batch_id>/discard", imports.discard, name="import-discard"),
    path("imports/<int:batch_id>/undo", imports.undo, name="import-undo"),
    path("imports/<int:batch_id>/again", imports.again, name="import-again"),
    path("issues", issues.issues, name="issues"),
    path("issues/<int:issue_id>/dismiss", issues.dismiss, name="issue-dismiss"),
    path("issues/<int:issue_id>/restore", issues.restore, name="issue-restore"),
]
