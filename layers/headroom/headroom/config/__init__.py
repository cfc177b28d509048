"""What operators write: models, parsing, where it is read from."""
