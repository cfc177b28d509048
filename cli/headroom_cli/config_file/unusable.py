"""The error of a file that cannot be used."""

from headroom.errors import ConfigUnavailable, InvalidInput


class UnusableFile(ConfigUnavailable, InvalidInput):
    """The file cannot be read, or is no configuration; says which file, why, and the fix."""
