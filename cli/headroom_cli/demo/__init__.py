"""`headroom demo`: the real function on embedded services, through a simulated day."""
