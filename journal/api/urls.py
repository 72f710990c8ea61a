from django.urls import path

from journal.api import (
    bridges,
    captures,
    connections,
    imports,
    performance,
    recommendations,
    structures,
    trading,
    views,
)

urlpatterns = [
    path("accounts", views.AccountList.as_view(), name="api-accounts"),
    path("accounts/<int:pk>", views.AccountDetail.as_view(), name="api-account"),
    path("instruments", views.InstrumentList.as_view(), name="api-instruments"),
    path("instruments/<int:pk>", views.InstrumentDetail.as_view(), name="api-instrument"),
    path("executions", trading.ExecutionList.as_view(), name="api-executions"),
    path("executions/batch", captures.ExecutionBatch.as_view(), name="api-execution-batch"),
    path("executions/<int:pk>", trading.ExecutionDetail.as_view(), name="api-execution"),
    path("orders", trading.OrderList.as_view(), name="api-orders"),
    path("orders/batch", captures.OrderBatch.as_view(), name="api-order-batch"),
    path("orders/<str:pk>", trading.OrderDetail.as_view(), name="api-order"),
    path(
        "recommendations", recommendations.RecommendationList.as_view(), name="api-recommendations"
    ),
    path(
        "recommendations/batch",
        captures.RecommendationBatch.as_view(),
        name="api-recommendation-batch",
    ),
    path(
        "recommendations/<str:pk>",
        recommendations.RecommendationDetail.as_view(),
        name="api-recommendation",
    ),
    path(
        "recommendations/<str:pk>/decisions",
        recommendations.RecommendationDecisions.as_view(),
        name="api-recommendation-decisions",
    ),
    path(
        "recommendations/<str:pk>/outcomes",
        recommendations.RecommendationOutcomes.as_view(),
        name="api-recommendation-outcomes",
    ),
    path("trades", views.TradeList.as_view(), name="api-trades"),
    path("trades/<int:pk>", views.TradeDetail.as_view(), name="api-trade"),
    path("trades/<int:pk>/join", structures.TradeJoin.as_view(), name="api-trade-join"),
    path("trades/<int:pk>/split", structures.TradeSplit.as_view(), name="api-trade-split"),
    path("trades/<int:pk>/regroup", structures.TradeRegroup.as_view(), name="api-trade-regroup"),
    path("trades/<int:pk>/notes", views.TradeNotes.as_view(), name="api-trade-notes"),
    path("trades/<int:pk>/tags", views.TradeTags.as_view(), name="api-trade-tags"),
    path("notes/<int:pk>", views.NoteDetail.as_view(), name="api-note"),
    path("positions", views.PositionList.as_view(), name="api-positions"),
    path("cash", views.CashList.as_view(), name="api-cash"),
    path("mt5/pushes", bridges.Mt5Pushes.as_view(), name="api-mt5-pushes"),
    path("mt5/connections", bridges.Mt5Connections.as_view(), name="api-mt5-connections"),
    path("mt5/connections/<int:pk>/secret", bridges.Mt5Secret.as_view(), name="api-mt5-secret"),
    path("performance", performance.Performance.as_view(), name="api-performance"),
    path("connections", connections.ConnectionList.as_view(), name="api-connections"),
    path("connections/<int:pk>", connections.ConnectionDetail.as_view(), name="api-connection"),
    path(
        "connections/<int:pk>/pull",
        connections.ConnectionPull.as_view(),
        name="api-connection-pull",
    ),
    path(
        "connections/<int:pk>/check",
        connections.ConnectionCheck.as_view(),
        name="api-connection-check",
    ),
    path("pulls", connections.PullList.as_view(), name="api-pulls"),
    path("pulls/<int:pk>", connections.PullDetail.as_view(), name="api-pull"),
    path("trades/import/csv", imports.CsvUpload.as_view(), name="api-import-csv"),
    path("trades/import/flex", imports.FlexUpload.as_view(), name="api-import-flex"),
    path("trades/import/history", imports.ImportHistory.as_view(), name="api-import-history"),
    path("trades/import/status/<str:pk>", imports.ImportStatus.as_view(), name="api-import"),
    path(
        "trades/import/<int:pk>/confirm", imports.ImportConfirm.as_view(), name="api-import-confirm"
    ),
    path("trades/import/<int:pk>/undo", imports.ImportUndo.as_view(), name="api-import-undo"),
]
