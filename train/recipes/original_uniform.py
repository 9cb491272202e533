"""The network of the original project, trained on few uniform sources like its author's.

    python -m train fit --recipe original_uniform --data DIR --out runs/original_uniform
    python -m train evaluate --weights runs/original_uniform --data DIR --split external

Brain tumour MRI and paediatric chest X-rays from Kaggle, and everyday photographs: 22% of the
images of the recipe ``original``, with everything else the same.

Result, in train/results/original_uniform: balanced accuracy 0.721 on val, 0.610 on external
(1,680 images of 29 sources). That val has the images of all sources; docs/results.md has the
accuracy on those of its own sources, and compares the two recipes.
"""

from train.recipes import Recipe

RECIPE = Recipe(
    network="original",
    batch_size=30,
    epochs=3,
    sources=(
        "brain/sartaj-tumor",
        "brain/nickparvar-tumor",
        "brain/navoneel-tumor",
        "lung/kermany-paed-cxr",
        "lung/kermany-abzargar",
        "other/imagenet-samples",
        "other/caltech101",
    ),
)
