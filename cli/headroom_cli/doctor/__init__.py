"""`headroom doctor`: examines everything that Headroom needs; sends and writes nothing."""
