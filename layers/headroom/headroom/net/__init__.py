"""Connections to others: where they may lead, and how they are secured. All HTTP goes out here."""
