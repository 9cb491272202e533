"""The released network, trained on for a few passes at a low rate: also the way to retrain it.

    python -m train fit --recipe refined --data DIR --out runs/refined
    python -m train evaluate --weights runs/refined --data DIR --split external
"""

from train.recipes import Recipe

RECIPE = Recipe(
    network="efficientnet_lite0",
    batch=32,
    epochs=5,
    start="released",
    augmented=True,
    draws=15_000,
    nothing=0.1,
    learning_rate=0.0002,
    decay=True,
)
