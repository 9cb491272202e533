"""The network of the original project, trained as its author did, with one correction.

    python -m train fit --recipe original --data DIR --out runs/original
    python -m train evaluate --weights runs/original --data DIR --split external

Result, in train/results/original: balanced accuracy 0.957 on val, 0.718 on external
(1,680 images of 29 sources). Validation accuracy is 0.959, compared with 0.992 on the author's own
images; docs/results.md compares training on many and on few sources.

The author passed a softmax output to a loss with ``from_logits=True``, which applies the softmax
twice and flattens the gradient. Here the network returns logits, so it is applied once.
"""

from train.recipes import Recipe

RECIPE = Recipe(network="original", batch_size=30, epochs=3)
