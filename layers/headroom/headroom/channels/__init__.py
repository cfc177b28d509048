"""Where notices go: the message, one module for each channel, delivery."""
