"""One probe a module: each takes what it needs, and asks one thing of one service."""
