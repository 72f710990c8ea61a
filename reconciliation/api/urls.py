"""Addresses of the API, all below /api/."""

from __future__ import annotations

from django.urls import path

from reconciliation.api import locks

urlpatterns = [path("trading-lock", locks.TradingLockView.as_view(), name="api-trading-lock")]
