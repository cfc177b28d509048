"""The document of a project that is not quiet, and where it is kept."""
