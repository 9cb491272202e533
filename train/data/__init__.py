"""Datasets, augmentation and synthetic images."""

SYNTHETIC_SIDE = 224
"""Width and height of synthetic negatives, in pixels."""
