"""The Concurrent Calls client: requests, retries, answers."""
