"""`headroom redrive`: what no try could deliver, sent again."""
