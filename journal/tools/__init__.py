"""What assistants may call, and the three doors through which they do: `/api/tools`, `/openapi/assistant.json`, `/mcp`.

They read, annotate and propose. Nothing here reaches a broker, and no tool trades.
"""
