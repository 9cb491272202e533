"""Decode files of every kind to 8-bit RGB images; ``model.imaging`` is the entry point.

Files are recognised by ``file_formats`` and ``file_kinds`` (what is not an image), and decoded
within ``limits``:

- by Pillow: ``raster``, with ``gif`` and ``tga``
- in a child process, which ``decoder_process`` starts and ``decoder_child`` runs in: ``tiff``,
  ``netpbm``, ``rare_formats`` (AVIF, HEIC, JPEG 2000, JPEG XL); damaged and slow files:
  ``salvage``, with ``bmp``; volumes: ``nifti``, ``mgh``, ``nrrd``, ``metaimage``, with ``volumes``
- ``dicom``, which decodes compressed frames, except 8-bit lossy JPEG, in a child process too
- ``archives`` of DICOM files

``frames`` chooses the frames of a stack; ``conversion`` makes pixels of any type 8-bit RGB.
"""
