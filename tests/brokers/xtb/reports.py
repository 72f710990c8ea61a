"""Invented reports of XTB, as workbooks of both layouts. `python -m tests.brokers.xtb.reports` writes the samples."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests.brokers.workbooks import workbook_of

SAMPLES = Path(__file__).parent / "samples"


def serial(text: str) -> str:
    """Days since 1899, as spreadsheets write a moment."""
    gone = datetime.fromisoformat(text) - datetime(1899, 12, 30)
    return repr(gone.total_seconds() / 86400)


HEAD = [
    *[[]] * 5,
    ["", "", "", "", "", "Name and surname", "", "", "Account", "", "", "Currency"],
    ["", "", "", "", "", "INVENTED PERSON", "", "", "50000001", "", "", "EUR"],
    *[[]] * 5,
]
OLD_CLOSED = [
    *HEAD,
    ["", "Position", "Symbol", "Type", "Volume", "Open time", "Open price", "Close time", "Close price", "Open origin",
     "Close origin", "Purchase value", "Sale value", "SL", "TP", "Margin", "Commission", "Swap", "Rollover",
     "Gross P/L", "Comment"],
    ["", "910001", "DE40", "BUY", "0.1", serial("2027-03-02 09:10:00"), "22000.5", serial("2027-03-02 11:45:30"),
     "22100.5", "xStation5", "xStation5", "0", "0", "21950", "0", "110", "0", "0", "0", "250"],
    ["", "910002", "US100", "SELL", "0.2", serial("2027-03-03 20:00:00"), "18500", serial("2027-03-05 08:00:00"),
     "18450", "xStation5", "[T/P]", "0", "0", "0", "0", "95", "0", "-0.85", "-0.1", "171.23"],
    ["", "910003", "SAP.DE", "BUY", "2", serial("2027-03-02 10:00:00"), "200", serial("2027-03-09 15:00:00"), "220",
     "xStation5", "xStation5", "400", "440", "0", "0", "0", "-3", "0", "0", "40"],
    ["", "910004", "GOLD", "BUY LIMIT", "1", serial("2027-03-05 10:00:00"), "2900", serial("2027-03-05 10:00:00"),
     "2900"],
    ["", "910005", "OIL", "BUY", "0.1", serial("2027-03-05 10:00:00"), "70", serial("2027-03-05 10:05:00"), "70", "", "",
     "0", "0", "0", "0", "12", "0", "0", "0", "0"],
    ["", "Total", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "-3", "-0.85", "-0.1", "461.23"],
]  # fmt: skip
OLD_CASH = [
    *HEAD,
    ["", "ID", "Type", "Time", "Comment", "Symbol", "Amount"],
    ["", "800017", "withdrawal", "10/04/2027 10:00:00", "Withdrawal", "", "-200"],
    ["", "800016", "Sec Fee", "10/03/2027 16:00:00", "Sec Fee", "QXA.US", "-0.01"],
    ["", "800015", "commission", serial("2027-03-09 15:00:00"), "Commission 910003", "SAP.DE", "-1.5"],
    ["", "800014", "Stock sale", serial("2027-03-09 15:00:00"), "CLOSE BUY 2 @ 220.00", "SAP.DE", "400"],
    ["", "800013", "close trade", serial("2027-03-09 15:00:00"), "Profit of position #910003", "SAP.DE", "40"],
    ["", "800012", "rollover", serial("2027-03-05 08:00:00"), "Rollover of position #910002", "US100", "-0.1"],
    ["", "800011", "swap", serial("2027-03-05 08:00:00"), "Swap of position #910002", "US100", "-0.85"],
    ["", "800010", "close trade", serial("2027-03-05 08:00:00"), "Profit of position #910002", "US100", "171.23"],
    ["", "800009", "swap", serial("2027-03-04 23:59:00"), "Swap of position #910099", "US100", "-0.40"],
    ["", "800008", "DIVIDENT", serial("2027-03-03 00:00:00"), "SAP.DE EUR 2.2000/ SHR", "SAP.DE", "4.4"],
    ["", "800007", "Withholding Tax", serial("2027-03-03 00:00:00"), "SAP.DE EUR WHT 25%", "SAP.DE", "-1.1"],
    ["", "800006", "close trade", serial("2027-03-02 11:45:30"), "Profit of position #910001", "DE40", "250"],
    ["", "800005", "Stock purchase", serial("2027-03-02 15:30:00"), "OPEN BUY 3/4.5 @ 50.00", "QXA.US", "-141.3"],
    ["", "800004", "Stock purchase", serial("2027-03-02 15:30:00"), "OPEN BUY 1.5/4.5 @ 50.00", "QXA.US", "-70.65"],
    ["", "800003", "commission", serial("2027-03-02 10:00:00"), "Commission 910003", "SAP.DE", "-1.5"],
    ["", "800002", "Stock purchase", serial("2027-03-02 10:00:00"), "OPEN BUY 2 @ 200.00", "SAP.DE", "-400"],
    ["", "800001", "deposit", "01/03/2027 12:00:00", "eWallet deposit", "", "1000"],
    ["", "Total", "", "", "", "", "1048.22"],
]  # fmt: skip
NEW_HEAD = [["Account number", "50000002"], ["Title"], ["Date from (UTC)", "2027-01-01 00:00:00"],
            ["Date to (UTC)", "2027-12-31 00:00:00"]]  # fmt: skip
NEW_CLOSED = [
    *NEW_HEAD,
    ["Instrument", "Ticker", "Category", "Type", "Volume", "Open Price", "Open Time (UTC)", "Close Price",
     "Close Time (UTC)", "Product", "Profit/Loss", "Gross Profit", "Purchase Value", "Sale Value", "Stop Loss",
     "Take Profit", "Commission", "Margin", "Swap", "Rollover", "Open Conversion Rate", "Close Conversion Rate",
     "Close Origin", "Position ID", "Comment"],
    ["US500", "US500", "CFD", "BUY", "0.05", "5600", "2027-04-14 13:30:00", "5620", "2027-04-14 14:00:00",
     "My Trades", "190.5", "192", "", "", "", "", "0", "280", "-1.5", "0", "3.84", "3.84", "xStation5", "920001"],
    ["Quixa Inc", "QXA.US", "STOCK", "BUY", "2", "100", "2027-04-01 14:00:00", "110", "2027-04-20 15:00:00",
     "My Trades", "64", "64", "770", "834", "", "", "0", "", "", "", "3.85", "3.79", "iOS", "920002"],
    ["Profit/loss", "", "", "", "", "", "", "", "", "", "254.5", "256"],
]  # fmt: skip
NEW_CASH = [
    *NEW_HEAD,
    ["Type", "Ticker", "Instrument", "Time", "Amount", "ID", "Comment", "Product"],
    ["Stock sell", "QXA.US", "Quixa Inc", "2027-04-20 15:00:00", "834", "820005", "CLOSE BUY 2 @ 110.00", "My Trades"],
    ["Swap", "US500", "US500", "2027-04-14 14:00:00", "-1.5", "820004", "Swap of position #920001", "My Trades"],
    ["Close trade", "US500", "US500", "2027-04-14 14:00:00", "192", "820003", "Profit of position #920001", "My Trades"],
    ["Stock purchase", "QXA.US", "Quixa Inc", "2027-04-01 14:00:00", "-770", "820002", "OPEN BUY 2 @ 100.00",
     "My Trades"],
    ["Deposit", "", "", "2027-03-31 08:00:00", "1000", "820001", "Blik(Payu) deposit"],
    ["Total", "", "", "", "1254.5"],
]  # fmt: skip
NEW_OPEN = [
    ["Account number", "50000002"],
    ["Data as of report generated", "2027-12-31 00:00:00"],
    ["Product", "Metric", "Amount", "Currency"],
    ["My Trades", "Value", "0", "PLN"],
]

FILES = {
    "before_2025.xlsx": {
        "OPEN POSITION 01102027": [*HEAD, ["", "Position", "Symbol", "Type", "Volume"]],
        "CLOSED POSITION HISTORY": OLD_CLOSED,
        "CASH OPERATION HISTORY": OLD_CASH,
    },
    "since_2025.xlsx": {
        "Closed Positions": NEW_CLOSED,
        "Cash Operations": NEW_CASH,
        "Open Positions": NEW_OPEN,
    },
}

if __name__ == "__main__":
    for name, sheets in FILES.items():
        (SAMPLES / name).write_bytes(workbook_of(sheets))
