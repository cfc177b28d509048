"""`headroom push`: the operator's file into Parameter Store."""
