"""Simulated PolyAI, Slack and PagerDuty on loopback, for the demo and the tests."""
