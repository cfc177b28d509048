"""The pure heart: windows, readings, rules, incidents, notices.

Imports the standard library and itself.
"""
