"""Kraken's names of assets and pairs: XXBT is bitcoin, ZEUR the euro, XXBTZEUR the one in the other."""

from __future__ import annotations

from journal.brokers.text.currencies import FIAT

_OLD = {
    "XETC": "ETC", "XETH": "ETH", "XLTC": "LTC", "XMLN": "MLN", "XREP": "REP", "XXBT": "BTC",
    "XBT": "BTC", "XXDG": "DOGE", "XDG": "DOGE", "XXLM": "XLM", "XXMR": "XMR", "XXRP": "XRP",
    "XZEC": "ZEC",
}  # fmt: skip
_QUOTES = ("USDT", "USDC", "DAI", "XXBT", "XBT", "XETH", "ETH", "BTC")
# "ZEUR" before "EUR": the longest that fits is meant.
_ENDS = sorted((*_QUOTES, *FIAT, *(f"Z{one}" for one in FIAT)), key=len, reverse=True)


def asset_name(text: str) -> str:
    """As the rest of the world calls it. Staked and earning forms (DOT.S, ETH2.S, USDC.M) are the asset itself."""
    name = text.partition(".")[0].upper()
    if name in _OLD:
        return _OLD[name]
    return name[1:] if name[:1] == "Z" and name[1:] in FIAT else name


def split_pair(text: str) -> tuple[str, str] | None:
    """Base and quote; None where the quote is none that Kraken quotes in."""
    pair = text.upper()
    if "/" in pair:
        base, _, quote = pair.partition("/")
        return (asset_name(base), asset_name(quote)) if base and quote else None
    for end in _ENDS:
        if pair.endswith(end) and len(pair) > len(end):
            return asset_name(pair[: -len(end)]), asset_name(end)
    return None
