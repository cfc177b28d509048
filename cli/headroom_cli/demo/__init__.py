"""`headroom demo`: the deployed application on embedded parts, through a simulated day."""
