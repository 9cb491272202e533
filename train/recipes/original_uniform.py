"""The network of the original project, trained on few uniform sources such as its author had.

    python -m train fit --recipe original_uniform --data DIR --out runs/original_uniform
    python -m train evaluate --weights runs/original_uniform --data DIR --split external

Brain tumour MRI and paediatric chest X-rays from Kaggle, and everyday photographs: 22% of the
images of the recipe ``original``, with everything else the same. docs/results.md compares the two.
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
