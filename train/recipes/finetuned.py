"""The released network, trained further on many images. Use it with thousands of your own.

    python -m train fit --recipe finetuned --data DIR --out runs/finetuned
    python -m train evaluate --weights runs/finetuned --data DIR --split external

Result, in train/results/finetuned: balanced accuracy 0.992 on val, 0.980 on external
(2,546 images of 78 sources, in two folders). The weights are an average, half of the previous
release, which is an average of four runs, and half of a fifth run that started from it:

    python -m train average --weights runs/run-4 runs/run-5 runs/run-6 runs/run-7 --data DIR MORE
        --out runs/average
    python -m train average --weights runs/average runs/run-8 --data DIR MORE --out runs/released

Settings and curves of the runs are in train/results/soup. run-4 started from an earlier release
(earlier-release, whose parts are run-1 to run-3); run-5 started from run-4, run-6 from the average
of both, run-7 from run-6, and run-8 from the average of these four. run-5 to run-8 have fewer
epochs, run-6 is the first with charts, fading, segmentations and shaded surfaces among the
augmentations, and only run-8, of four epochs of 11,000 images, has synthetic renderings, drawn by
a slower version of synthetic_renderings.py (commit "Train on synthetic renderings of lungs …").
The average was selected on external among several candidates, so that its figures on external are
slightly optimistic. comparison.json names earlier releases by their sha256: finetuned-88727d1e is
the average of run-4 to run-7, finetuned-5440a9c0 is earlier-release.
"""

from train.recipes import Recipe

RECIPE = Recipe(
    network="efficientnet_lite0_224",
    batch_size=32,
    epochs=6,
    initial_weights="released",
    # The first three stages see edges and textures, which new kinds of image share with the old.
    frozen_layers=44,
    training_size=192,
    augmented=True,
    samples_per_epoch=14_000,
    source_exponent=1 / 3,
    negative_fraction=0.12,
    rendering_fraction=0.08,
    learning_rate=0.0003,
    cosine_schedule=True,
)
