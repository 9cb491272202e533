"""The released network, adapted to a small folder of images within minutes. Use it for your own.

    python -m train fit --recipe adapted --data DIR --out runs/adapted
    python -m train evaluate --weights runs/adapted --data DIR

Only the last layer is trained, on features that are computed once, for a few steps and with most of
the loss on the released network's own predictions for earlier training images (train/replay.py), so
that it does not forget them. train/results/studies/small_folders.json has what it gained and lost
on three small folders (python -m train small-folders). The share of the loss was chosen on sources
of train and val, with the same network. With thousands of images of many sources the
recipe finetuned gains more, in hours.
"""

from train.recipes import Recipe

RECIPE = Recipe(
    # Replaced by that of the released network.
    network="efficientnet_lite0",
    batch_size=32,
    epochs=1,
    initial_weights="released",
    frozen_layers=-1,
    augmented=True,
    samples_per_epoch=6_000,
    negative_fraction=0.04,
    replay_fraction=0.95,
)
