"""Decode files of every kind to 8-bit RGB images; ``model.imaging`` is the door to it.

Files are recognised by ``file_formats`` and ``file_kinds`` (what is not an image), and decoded
within ``limits``:

- by Pillow, in ``raster``, with ``gif`` and ``tga``
- in a child process, which ``decoder_process`` starts and ``decoder_child`` runs in: ``tiff``,
  ``netpbm``, ``rare_formats`` (AVIF, HEIC, JPEG 2000, JPEG XL); in ``salvage``, with ``bmp``, what
  is damaged or what Pillow decodes slowly; and of volumes, whose slices ``volumes`` chooses,
  ``nifti``, ``mgh``, ``nrrd`` and ``metaimage``
- ``dicom``, whose compressed frames, except 8-bit lossy JPEG, are decoded in a child process too;
  and what is packed, in ``archives``

``frames`` chooses the frames of a stack; ``conversion`` makes pixels of any type 8-bit RGB.
"""
