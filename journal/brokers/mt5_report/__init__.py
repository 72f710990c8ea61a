"""The history report of MetaTrader 5, as XLSX or HTML."""
