"""Predict whether an image shows brain imaging, lung imaging or something else.

An image passes through ``imaging``, which decodes a file, and ``classifier``, which runs a compiled
network. ``imaging`` recognises files by ``file_formats`` and reads them with ``raster``,
``salvage`` (damaged ones), ``tiff``, ``rare_formats``, ``dicom``, ``volumes``, ``metaimage`` and
``archives``, within ``decode_limits`` and partly in a ``decoder_process``; ``frames`` chooses the
frames of a stack, and ``file_kinds`` names what is not an image. ``release`` names the network and
``weights`` fetches it from the Hub or takes the bundled copy. ``occlusion`` explains predictions.
``batch_predict`` and ``cluster`` predict many images, for ``python -m model``.
"""
