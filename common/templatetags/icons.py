"""The icons of Fillbook, drawn on a grid of 24 with a stroke of 1.6: a few, plain, of one hand.

They are written into the page, so that the first paint has them and no request is made.
"""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "dashboard": "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
    "calendar": "M4 6h16v14H4zM4 10.5h16M8 3.5V7M16 3.5V7M8 14h3M13 14h3M8 17h3",
    "trades": "M4 7h13M13.5 3.5 17 7l-3.5 3.5M20 17H7M10.5 13.5 7 17l3.5 3.5",
    "orders": "M6 3.5h12V20l-2.4-1.6L13.2 20l-2.4-1.6L8.4 20 6 18.4zM9 8h6M9 12h6",
    "inbox": "M4 13h4.5l1.5 2.5h4l1.5-2.5H20M4 13 6.5 5h11L20 13v6.5H4z",
    "accounts": "M4 9.5 12 4l8 5.5M5 20h14M6.5 10v7M10.2 10v7M13.8 10v7M17.5 10v7",
    "imports": "M12 3.5V14M8 10l4 4 4-4M4 15v5h16v-5",
    "issues": "M12 4 21 19.5H3zM12 10v4.5M12 17v.2",
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0"
    "M7 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
    "more": "M5 12v.2M12 12v.2M19 12v.2",
    "fold": "M4 5h16v14H4zM9.5 5v14M16 9.5 13.5 12l2.5 2.5",
    "chevron-down": "M6.5 9.5 12 15l5.5-5.5",
    "chevron-left": "M14.5 6 8.5 12l6 6",
    "chevron-right": "M9.5 6l6 6-6 6",
    "sort": "M8.5 10 12 6.5l3.5 3.5M8.5 14l3.5 3.5 3.5-3.5",
    "sort-up": "M12 18V6.5M7.5 11 12 6.5l4.5 4.5",
    "sort-down": "M12 6v11.5M7.5 13l4.5 4.5 4.5-4.5",
    "up": "M7 16 16 7M9.5 7H16v6.5",
    "down": "M7 8l9 9M9.5 17H16v-6.5",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "cross": "M6 6l12 12M18 6 6 18",
    "plus": "M12 5v14M5 12h14",
    "search": "M5 10.5a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0M14.5 14.5 20 20",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "columns": "M4 5h16v14H4zM9.3 5v14M14.7 5v14",
    "download": "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
    "upload": "M12 15V4M7.5 8.5 12 4l4.5 4.5M5 20h14",
    "file": "M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 16h6",
    "undo": "M9 6 4.5 10.5 9 15M4.5 10.5H15a4.5 4.5 0 0 1 0 9h-4",
    "edit": "M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5",
    "trash": "M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7",
    "reconcile": "M4 6h7M4 10.5h7M4 15h4M14 6h6M14 10.5h6M12 17.5l2.8 2.8L20.5 14.5",
    "shield": "M12 3.5 19.5 6v5.5c0 4.5-3 7.4-7.5 9-4.5-1.6-7.5-4.5-7.5-9V6zM8.8 12l2.3 2.3 4.2-4.4",
    "pulse": "M3.5 13h4l2.2-6.5 4 11 2.3-4.5h4.5",
    "lock": "M6 10.5h12V20H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
    "refresh": "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 4v4h-4",
    "link": "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 "
    "11 18.7l1-1",
    "note": "M5 4h14v11l-5 5H5zM14 20v-5h5M8.5 9h7M8.5 13h4",
    "tag": "M4 4h8l8 8-8 8-8-8zM8.5 8.5v.1",
    "info": "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M12 11v5.5M12 7.8v.1",
    "clock": "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M12 7.5V12l3 2",
    "person": "M8.5 8a3.5 3.5 0 1 0 7 0 3.5 3.5 0 1 0-7 0M4.5 20c.6-4 3.4-6 7.5-6s6.9 2 7.5 6",
    "team": "M5.5 8.5a3 3 0 1 0 6 0 3 3 0 1 0-6 0M2.5 19c.4-3.6 2.7-5.4 6-5.4s5.6 1.8 6 5.4"
    "M15 5.8a3 3 0 0 1 0 5.4M17 14c2.6.5 4.1 2.2 4.5 5",
    "key": "M4 15.5a4 4 0 1 0 8 0 4 4 0 1 0-8 0M11 12.5 19.5 4M16 7.5l3 3M13.5 10l2 2",
    "theme": "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M12 3.5v17M12 8l6-2M12 12.5h8.5"
    "M12 17l6 1",
    "sign-out": "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
    "sliders": "M7 4v7M7 15v5M17 4v3M17 11v9M4.5 13h5M14.5 9h5",
    "learn": "M9 18h6M10 20.5h4M8.6 15c-2-1.3-3.1-3.3-3.1-5.5a6.5 6.5 0 0 1 13 0c0 2.2-1.1 4.2-3.1 5.5z"
    "M9.5 10.5l2 2 3-3.5",
    "book": "M5 4.5h11.5a2.5 2.5 0 0 1 2.5 2.5v13H7.5A2.5 2.5 0 0 1 5 17.5zM5 17.5A2.5 2.5 0 0 1 "
    "7.5 15H19M9 8.5h6",
}

# A ledger page with its spine, three lines, the last one filled.
MARK = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="none" stroke="currentColor" '
    'stroke-width="1.8" stroke-linejoin="round" d="M4 3.5h16v17H4z"/><path fill="currentColor" '
    'd="M4 3.5h4v17H4zM10.5 7h7v1.6h-7zM10.5 11.2h4.5v1.6h-4.5zM10.5 15.2h7v2.3h-7z"/></svg>'
)
