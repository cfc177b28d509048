"""`headroom watch` and `headroom check`: the pipeline on one machine, without AWS."""
