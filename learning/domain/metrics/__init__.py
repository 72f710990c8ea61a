"""Figures of closed trades and of account returns: two sample spaces that are never mixed (docs/learning.md)."""

from learning.domain.dictionary import METRICS, Metric, Space
from learning.domain.metrics.running import Running, RunningReturns
from learning.domain.metrics.sharpe import Trials
from learning.domain.metrics.time_space import time_metrics
from learning.domain.metrics.trade_space import Figures, trade_metrics

__all__ = [
    "METRICS",
    "Figures",
    "Metric",
    "Running",
    "RunningReturns",
    "Space",
    "Trials",
    "time_metrics",
    "trade_metrics",
]
