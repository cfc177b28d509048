"""`headroom hours`: when the rules of a project are active."""
