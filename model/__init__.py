"""Everything needed to answer one picture: brain imaging, lung imaging or something other.

One picture passes through the modules in this order: ``imaging`` turns a file into pixels,
``classifier`` turns pixels into confidences with a network from ``networks`` whose weights
``weights`` took from the Hub or from the bundled copy, as ``release`` names them.
"""

import os

# Both are read when keras and tensorflow are imported, which the modules below do.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def use_one_core() -> None:
    """Let TensorFlow spend one core on a forward pass; to be called before its first operation.

    Most operations of a released network are so small that a second core costs more than it gives,
    and it is better spent on a second visitor.
    """
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
