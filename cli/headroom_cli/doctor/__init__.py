"""`headroom doctor`: everything that Headroom needs, looked at once; nothing is sent or written."""
