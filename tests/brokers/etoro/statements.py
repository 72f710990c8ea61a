"""An invented account statement of eToro as a workbook. `python -m tests.brokers.etoro.statements` writes the sample."""

from __future__ import annotations

from pathlib import Path

from tests.brokers.workbooks import workbook_of

SAMPLE = Path(__file__).parent / "samples" / "account_statement.xlsx"
CLOSED = [
    ["Position ID", "Action", "Long / Short", "Amount", "Units / Contracts", "Open Date", "Close Date", "Leverage",
     "Spread Fees (USD)", "Market Spread (USD)", "Profit(USD)", "Profit(EUR)", "FX rate at open (USD)",
     "FX rate at close (USD)", "Open Rate", "Close Rate", "Take profit rate", "Stop loss rate",
     "Overnight Fees and Dividends", "Copied From", "Type", "ISIN", "Notes"],
    ["3100000001", "Quixa Inc", "Long", "500", "4", "04/05/2027 14:30:00", "11/05/2027 15:00:00", "1", "0", "0", "60",
     "55.5", "-", "-", "125", "140", "0", "0", "0", "-", "Stocks", "US00QXA00017"],
    ["3100000002", "NASDAQ100", "Short", "100", "0.1", "05/05/2027 10:00:00", "05/05/2027 16:00:00", "20", "0.2", "0",
     "15", "13.9", "-", "-", "20000", "19850", "0", "0", "-0.15", "-", "CFD"],
    ["3100000003", "EUR/USD", "Long", "100", "3000", "01/04/2027 09:00:00", "06/05/2027 09:00:00", "x30", "0.1", "0",
     "-6", "-5.5", "-", "-", "1", "0.998", "0", "0", "0", "-", "CFD"],
]  # fmt: skip
ACTIVITY = [
    ["Date", "Type", "Details", "Amount", "Units / Contracts", "Realized Equity Change", "Realized Equity", "Balance",
     "Position ID", "Asset type", "NWA"],
    ["03/05/2027 09:00:00", "Deposit", "1000.00 USD Bank", "1000", "-", "1000", "1000", "1000", "-", "-", "0"],
    ["04/05/2027 14:30:00", "Open Position", "QXA/USD", "500", "4", "0", "1000", "500", "3100000001", "Stocks", "0"],
    ["05/05/2027 10:00:00", "Open Position", "NSDQ100/USD", "100", "0.1", "0", "1000", "400", "3100000002", "CFD", "0"],
    ["05/05/2027 16:00:00", "Position closed", "NSDQ100/USD", "115", "0.1", "15", "1015", "515", "3100000002", "CFD",
     "0"],
    ["06/05/2027 09:00:00", "Position closed", "EUR/USD", "94", "3000", "-6", "1009", "609", "3100000003", "CFD", "0"],
    ["07/05/2027 09:00:00", "Open Position", "OIL/USD", "50", "10", "0", "1009", "559", "3100000004", "CFD", "0"],
    ["11/05/2027 15:00:00", "Position closed", "QXA/USD", "560", "4", "60", "1069", "1119", "3100000001", "Stocks", "0"],
]  # fmt: skip
SHEETS = {
    "Account Summary": [["Account Summary"], ["Details", "Totals"], ["Currency", "USD"]],
    "Closed Positions": CLOSED,
    "Account Activity": ACTIVITY,
    "Dividends": [["Date of Payment", "Instrument Name"]],
}

if __name__ == "__main__":
    SAMPLE.write_bytes(workbook_of(SHEETS))
