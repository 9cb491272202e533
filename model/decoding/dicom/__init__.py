"""Read DICOM files: from ``recognition`` over ``file``, ``pixels`` and ``display`` to grey levels.

``compression`` and ``codecs`` decode compressed frames, ``elements`` and ``tables`` read values of
the header, and ``windowing`` maps stored values to 8 bits.
"""
