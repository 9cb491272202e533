"""Read DICOM files: from ``recognition`` over ``file``, ``pixels`` and ``display`` to grey levels.

``header`` reads the elements that are needed, whose values pydicom interprets. ``pixels`` finds
frames by ``pixel_element`` and ``encapsulation``, and reads them by ``native`` or, compressed ones,
by ``compression`` and ``codecs``. ``elements`` and ``tables`` read values of the header, and
``windowing`` maps stored values to 8 bits.
"""
