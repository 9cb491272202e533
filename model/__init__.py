"""Predict whether an image shows brain imaging, lung imaging or something else.

An image passes through ``imaging``, which decodes a file by the modules of ``decoding``, and
``classifier``, which runs a compiled network. ``release`` names the network and ``weights`` fetches
it from the Hub or takes the bundled copy. ``occlusion`` explains predictions. ``batch_predict`` and
``cluster`` predict many images, for ``python -m model``.
"""
