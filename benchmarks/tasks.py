"""What is measured in processes of their own: python -m benchmarks.tasks NAME ARGUMENT …

Each function prepares one task and returns what is known of it by then, and the call that does it
once and returns the seconds that took, or more. Whatever it imports, it imports for itself.
"""

import itertools
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path

from benchmarks.rounds import timed
from model import use_one_core


def main() -> None:
    """Prepare a task, then do it once for every line of the standard input."""
    name, *arguments = sys.argv[1:]
    # Libraries may print; only the results shall reach the parent.
    results = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    facts, call = globals()[name](*arguments)
    print(json.dumps(facts), file=results)
    for _ in sys.stdin:
        print(json.dumps(call()), file=results)


def imports():
    """Gradio and TensorFlow imported, and the released weights held: seconds and megabytes."""
    start = time.perf_counter()
    other = threading.Thread(target=__import__, args=("gradio",))
    other.start()
    import tensorflow  # noqa: F401

    other.join()
    seconds = time.perf_counter() - start
    import h5py
    import numpy as np

    from benchmarks.processes import memory
    from model.release import read_release

    weights = []

    def hold(name, item):
        if isinstance(item, h5py.Dataset):
            weights.append(np.asarray(item, np.float32))

    with h5py.File(read_release().keras_weights_file) as file:
        file.visititems(hold)
    return {"seconds": seconds, "megabytes": memory(), "arrays": len(weights)}, None


def answer(*files: str):
    """File to answer, as the app computes it; one file after the other."""
    from model.imaging import read_image

    classifier = _classifier()
    following = itertools.cycle(files)

    def call():
        return timed(lambda: classifier.classify(read_image(next(following))))

    return {}, call


def original_answer(file: str):
    """File to answer in the original project's way: Keras reads, resizes and predicts."""
    import keras
    import numpy as np

    from model.networks import original
    from tests.helpers.running_app import ROOT

    logits = original()
    logits.load_weights(ROOT / "train" / "results" / "original" / "original.weights.h5")
    network = keras.Sequential([logits, keras.layers.Softmax()])

    def predict():
        picture = keras.utils.load_img(file, target_size=(200, 200))
        return network.predict(np.asarray(picture, np.float32)[None], verbose=0)

    return {}, lambda: timed(predict)


def large_answer(file: str):
    """As ``answer``; also the megabytes by which the first one raises the process's peak."""
    _, call = answer(file)
    before = _peak()
    call()
    return {"megabytes": _peak() - before}, call


def scaled_decode(file: str):
    """libjpeg's own decoding at the smallest of its scales that leaves twice the network's side."""
    from PIL import Image

    from model.networks import input_size

    side = 2 * input_size(_network())

    def decode():
        with Image.open(file) as picture:
            picture.draft("RGB", (side, side))
            picture.load()

    return {}, lambda: timed(decode)


def forward():
    """The released network's forward pass as the app computes it."""
    from benchmarks.arithmetic import floating_point_operations

    classifier = _classifier()
    inputs = _noise(classifier.input_size)
    facts = {"flop": floating_point_operations(_network()), "size": classifier.input_size}
    return facts, lambda: timed(lambda: classifier.logits(inputs))


def lite_forward():
    """The same network run by a bare LiteRT interpreter on one core."""
    run = _bare_network()
    return {}, lambda: timed(run)


def decode_and_forward(file: str):
    """What every answer about a file contains: Pillow decodes it, LiteRT runs the network."""
    from PIL import Image

    run = _bare_network()

    def work():
        with Image.open(file) as picture:
            picture.load()
        run()

    return {}, lambda: timed(work)


def tensorflow_forward():
    """The same network as a TensorFlow graph, its weights constants, on one core."""
    use_one_core()
    import tensorflow as tf

    network = _network()
    inputs = _noise(network.input_shape[1])
    trainable = [variable.numpy() for variable in network.trainable_variables]
    state = [variable.numpy() for variable in network.non_trainable_variables]

    @tf.function(input_signature=[tf.TensorSpec(inputs.shape, tf.uint8)])
    def forward(inputs):
        inputs = tf.cast(inputs, tf.float32)
        return network.stateless_call(trainable, state, inputs, training=False)[0]

    return {}, lambda: timed(lambda: forward(inputs).numpy())


def matrix_product(side: str = "1024"):
    """A product of two square float32 matrices on one core."""
    use_one_core()
    import tensorflow as tf

    side = int(side)
    matrix = tf.random.uniform((side, side))
    return {"flop": 2 * side**3}, lambda: timed(lambda: tf.matmul(matrix, matrix).numpy())


def training(data: str, steps: str):
    """Seconds of the same number of training steps: their batches alone, the network alone, both.

    Without a folder of pictures the examples stand in for one.
    """
    import keras

    from model.networks import NETWORKS, input_size
    from tests.helpers.running_app import EXAMPLES
    from train.data.batches import training_batches
    from train.data.dataset import LabelledImage, read_tree
    from train.recipes import load_recipe

    recipe = load_recipe("efficientnet_lite0")
    if data:
        pictures = read_tree(Path(data))["train"]
    else:
        pictures = [LabelledImage(file, label, label) for label, file in EXAMPLES.items()]
    network = NETWORKS[recipe.network]()
    network.compile(
        optimizer=keras.optimizers.Adam(recipe.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    steps, size, ahead = int(steps), input_size(network), 3

    def batches():
        """An iterator that has used up what it had made in advance."""
        iterator = iter(training_batches(pictures, recipe, size, epoch=0, skip=0))
        for _ in range(ahead):
            next(iterator)
        return iterator

    fixed = next(batches())
    network.train_on_batch(*fixed)

    def call():
        train = network.train_on_batch
        seconds = {"batches": _steps(steps, batches(), lambda batch: None)}
        seconds["network"] = _steps(steps, itertools.repeat(fixed), lambda batch: train(*batch))
        seconds["step"] = _steps(steps, batches(), lambda batch: train(*batch))
        return seconds

    return {"batch": recipe.batch_size, "pictures": recipe.samples_per_epoch * recipe.epochs}, call


def _bare_network():
    from ai_edge_litert.interpreter import Interpreter

    from model.release import read_release

    interpreter = Interpreter(str(read_release().weights_file), num_threads=1)
    interpreter.allocate_tensors()
    taken, given = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    inputs = _noise(taken["shape"][1])

    def run():
        interpreter.set_tensor(taken["index"], inputs)
        interpreter.invoke()
        return interpreter.get_tensor(given["index"])

    return run


def _classifier():
    from model.classifier import Classifier
    from model.release import read_release
    from model.weights import bundled_weights

    release = read_release()
    return Classifier(bundled_weights(release), release.labels, release.temperature)


def _network():
    from model.networks import load_network
    from model.release import read_release

    return load_network(read_release())


def _steps(count: int, batches, use) -> float:
    return timed(lambda: [use(batch) for batch in itertools.islice(batches, count)])


def _noise(size: int):
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
