"""The operator's command, the embedded demo, the PolyAI simulator."""
