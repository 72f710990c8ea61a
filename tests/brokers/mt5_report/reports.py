"""History reports as MetaTrader 5 writes them, from the cells of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

POSITIONS = [
    "Time",
    "Position",
    "Symbol",
    "Type",
    "Volume",
    "Price",
    "S / L",
    "T / P",
    "Time",
    "Price",
    "Commission",
    "Swap",
    "Profit",
]
DEALS = [
    "Time",
    "Deal",
    "Symbol",
    "Type",
    "Direction",
    "Volume",
    "Price",
    "Order",
    "Commission",
    "Fee",
    "Swap",
    "Profit",
    "Balance",
    "Comment",
]
ACCOUNT = "700100 (USD, Sample-Live, real, Hedge)"

Row = Sequence[str]


def deal(  # noqa: PLR0917
    time: str, ticket: str, symbol: str, kind: str, direction: str, volume: str, price: str, order: str,
    profit: str = "0.00", *, commission: str = "0.00", fee: str = "0.00", swap: str = "0.00", comment: str = "",
) -> list[str]:  # fmt: skip
    return [
        time,
        ticket,
        symbol,
        kind,
        direction,
        volume,
        price,
        order,
        commission,
        fee,
        swap,
        profit,
        "",
        comment,
    ]


def money(time: str, ticket: str, kind: str, amount: str, comment: str = "") -> list[str]:
    return deal(time, ticket, "", kind, "", "", "", "", amount, comment=comment)


def with_balances(deals: Sequence[Row]) -> list[list[str]]:
    """The running balance, as the terminal adds it up."""
    rows, balance = [], Decimal(0)
    for row in deals:
        balance += sum(Decimal(cell.replace(" ", "")) for cell in row[8:12])
        rows.append([*row[:12], f"{balance:,.2f}".replace(",", " "), *row[13:]])
    return rows


def lines_of(
    deals: Sequence[Row], positions: Sequence[Row] = (), account: str = ACCOUNT
) -> list[list[str]]:
    head = [
        ("Name:", "Sample Person"),
        ("Account:", account),
        ("Company:", "Sample Ltd"),
        ("Date:", "2026.03.06 22:10"),
    ]
    deals = with_balances(deals)
    last = deals[-1][12] if deals else "0.00"
    return [
        ["Trade History Report"],
        *([label, "", "", value] for label, value in head),
        ["Positions"], POSITIONS, *map(list, positions),
        ["Deals"], DEALS, *deals, [*[""] * 8, "0.00", "0.00", "0.00", "0.00", last],
        ["Balance:", "", "", last, "", "", "Free Margin:", "", "", last],
        ["Equity:", "", "", last],
        ["Results"],
        ["Total Net Profit:", "", "", "1.00", "Gross Profit:", "", "", "2.00"],
    ]  # fmt: skip


def page(lines: Sequence[Row]) -> str:
    rows = []
    for line in lines:
        if len(line) == 1:
            rows.append(
                f'<tr align="center"><th colspan="14"><div><b>{escape(line[0])}</b></div></th></tr>'
            )
            continue
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in line)
        if len(line) == len(POSITIONS) and line[0] != "Time":
            # The comment, which the terminal writes and a browser does not show.
            shown = [f"<td>{escape(cell)}</td>" for cell in line]
            cells = "".join(
                [
                    *shown[:4],
                    '<td class="hidden" colspan="8">a note</td>',
                    *shown[4:-1],
                    f'<td colspan="2">{escape(line[-1])}</td>',
                ]
            )
        rows.append(f'<tr bgcolor="#FFFFFF" align="right">{cells}</tr>')
    body = "\r\n".join(rows)
    return (
        "<!DOCTYPE html>\r\n<html><head><title>700100: Sample Person - Trade History Report</title>"
        f"<style>td > b {{ margin: 0 }}</style></head><body><!-- <tr> --><table>{body}</table></body></html>"
    )
