#!/usr/bin/env python3
"""Time SciPy's cubic zoom of 512x512x60 voxels to 256x256x60, as Benchmarks/preparation.sh does.

Prints one line of JSON: {"resampleMilliseconds": median, ...}.
"""

import argparse
import json
import statistics
import time

import numpy
import scipy
from scipy import ndimage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    image = numpy.random.default_rng(1).random((512, 512, 60), dtype=numpy.float32)
    times = []
    for _ in range(arguments.repetitions + 1):
        start = time.perf_counter()
        ndimage.zoom(image, (0.5, 0.5, 1), order=3, mode="nearest", grid_mode=True)
        times.append((time.perf_counter() - start) * 1000)
    print(json.dumps({
        "resampleMilliseconds": statistics.median(times[1:]),
        "engine": f"SciPy {scipy.__version__}",
    }))


if __name__ == "__main__":
    main()
