"""Between a decision and its acceptance by a channel."""
