"""`headroom redrive`: send the notices in the dead-letter queue again."""
