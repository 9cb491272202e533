"""The network of the original project, trained as its author did but for one correction.

    python -m train fit --recipe original --data DIR --out runs/original
    python -m train evaluate --weights runs/original --data DIR --split external

The author gave a softmax output to a loss told ``from_logits=True``, which applies the softmax
twice and flattens the gradient. Here the network returns logits and the softmax is applied once.
The measured results are in train/results/original/figures.md.
"""

from train.recipes import Recipe

RECIPE = Recipe(network="original", batch=30, epochs=3)
