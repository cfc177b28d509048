"""The pure heart: windows, readings, rules, alerts, incidents, notices. Imports the standard library and itself."""
