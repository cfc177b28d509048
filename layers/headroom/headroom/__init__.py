"""Headroom: alerting on the concurrent calls of PolyAI voice agents."""

__version__ = "0.1.0"
