"""Everything that makes and measures weights. Imports ``model``, never ``app``."""
