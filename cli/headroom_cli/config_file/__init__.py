"""The operator's file: read, described to editors, and published to Parameter Store."""
