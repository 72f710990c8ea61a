from django.urls import path

from journal.api import imports, performance, views

urlpatterns = [
    path("accounts", views.AccountList.as_view(), name="api-accounts"),
    path("accounts/<int:pk>", views.AccountDetail.as_view(), name="api-account"),
    path("instruments", views.InstrumentList.as_view(), name="api-instruments"),
    path("instruments/<int:pk>", views.InstrumentDetail.as_view(), name="api-instrument"),
    path("executions", views.ExecutionList.as_view(), name="api-executions"),
    path("executions/<int:pk>", views.ExecutionDetail.as_view(), name="api-execution"),
    path("trades", views.TradeList.as_view(), name="api-trades"),
    path("trades/<int:pk>", views.TradeDetail.as_view(), name="api-trade"),
    path("trades/<int:pk>/notes", views.TradeNotes.as_view(), name="api-trade-notes"),
    path("trades/<int:pk>/tags", views.TradeTags.as_view(), name="api-trade-tags"),
    path("notes/<int:pk>", views.NoteDetail.as_view(), name="api-note"),
    path("positions", views.PositionList.as_view(), name="api-positions"),
    path("cash", views.CashList.as_view(), name="api-cash"),
    path("performance", performance.Performance.as_view(), name="api-performance"),
    path("trades/import/csv", imports.CsvUpload.as_view(), name="api-import-csv"),
    path("trades/import/flex", imports.FlexUpload.as_view(), name="api-import-flex"),
    path("trades/import/history", imports.ImportHistory.as_view(), name="api-import-history"),
    path("trades/import/status/<int:pk>", imports.ImportStatus.as_view(), name="api-import"),
    path(
        "trades/import/<int:pk>/confirm", imports.ImportConfirm.as_view(), name="api-import-confirm"
    ),
    path("trades/import/<int:pk>/undo", imports.ImportUndo.as_view(), name="api-import-undo"),
]
