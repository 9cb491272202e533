"""Train, evaluate, release and publish weights. Imports ``model``, never ``page`` or ``app``."""
