"""The page: everything a visitor or an API client meets. Imports ``model``, never ``app``."""
