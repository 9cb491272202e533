"""Everything needed to answer one picture: brain imaging, lung imaging or something other.

One picture passes through the modules in this order: ``imaging`` turns a file into pixels,
``classifier`` turns pixels into confidences with a compiled network that ``weights`` took from the
Hub or from the bundled copy, as ``release`` names it. ``networks`` holds the same networks for
Keras, in which they are trained and, by ``attribution``, explained.
"""

import os

# Both are read when keras and tensorflow are imported, which some of the modules below do.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def use_one_core() -> None:
    """Let TensorFlow spend one core on an explanation; to be called before its first operation.

    Most operations of a released network are so small that a second core costs more than it gives,
    and it is better spent on a second visitor.
    """
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
