"""An honest stand-in for PolyAI's Concurrent Calls API, on loopback."""
