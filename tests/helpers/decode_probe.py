"""Measure how reading image files ends and what it costs, in a separate process.

The process shows crashes and peak memory. Also a command: python tests/helpers/decode_probe.py
FOLDER … prints the most expensive files and counts the outcomes.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def read_all(files) -> dict[Path, dict]:
    """Run ``read_image`` and ``network_input`` on each file in a child process.

    Returns:
        By file: "outcome" ("image", a reason of ``UnreadableImage``, or the name of another
        exception), "seconds" of processor time, and "megabytes" by which the file raised the peak
        memory. The outcome of a file that ends the process is "crash".
    """
    files, results = list(files), {}
    while len(results) < len(files):
        left = files[len(results) :]
        ended = subprocess.run(
            [sys.executable, __file__, "-"],
            cwd=ROOT,
            input="\n".join(map(str, left)),
            stdout=subprocess.PIPE,
            text=True,
        )
        lines = ended.stdout.splitlines()
        results |= dict(zip(left, map(json.loads, lines), strict=False))
        if len(lines) < len(left):
            results[left[len(lines)]] = {"outcome": "crash", "seconds": 0, "megabytes": 0}
    return results


def _main() -> None:
    if sys.argv[1:] == ["-"]:
        _read_named_files()
        return
    files = sorted(f for folder in sys.argv[1:] for f in Path(folder).rglob("*") if f.is_file())
    results = read_all(files)
    for measure in ("seconds", "megabytes"):
        for file in sorted(files, key=lambda file: -results[file][measure])[:5]:
            print(f"{results[file][measure]:8.1f} {measure}  {file.name}")
    for outcome, count in Counter(result["outcome"] for result in results.values()).most_common():
        print(f"{count:8} {outcome}")


def _read_named_files() -> None:
    sys.path.insert(0, str(ROOT))
    # Imported here, because the reader imports it on first use, which must not be measured.
    import pydicom.pixels  # noqa: F401

    from model.imaging import UnreadableImage, network_input, read_image

    for name in sys.stdin.read().splitlines():
        before, begin = _reset_peak_memory(), time.process_time()
        try:
            network_input(read_image(name), 224)
            outcome = "image"
        except UnreadableImage as error:
            outcome = error.reason
        except BaseException as error:
            outcome = type(error).__name__
        seconds = time.process_time() - begin
        megabytes = (_memory("VmHWM") - before) / 1024
        result = {"outcome": outcome, "seconds": seconds, "megabytes": megabytes}
        print(json.dumps(result), flush=True)


def _reset_peak_memory() -> int:
    """Restart the count of peak memory and return the kilobytes in use."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(field: str) -> int:
    return int(re.search(rf"{field}:\s*(\d+)", Path("/proc/self/status").read_text())[1])


if __name__ == "__main__":
    _main()
