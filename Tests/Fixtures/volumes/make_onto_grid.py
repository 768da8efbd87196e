"""What SciPy makes of small volumes on other grids: shifted, turned, mirrored, finer, coarser.

Usage: python make_onto_grid.py > onto_grid.json
Made with scipy 1.17.1 and numpy 2.4.6 (the file records the versions that made it).
"""

import json
import sys

import numpy
import scipy
from scipy import ndimage
from scipy.spatial.transform import Rotation


def affine(spacing, origin, angles=(0, 0, 0), flip=(1, 1, 1)):
    matrix = numpy.eye(4)
    rotation = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    matrix[:3, :3] = rotation @ numpy.diag(numpy.multiply(spacing, flip))
    matrix[:3, 3] = origin
    return matrix


def main():
    rng = numpy.random.default_rng(11)
    cases = []
    for shape, source, target_shape, target in [
        ((4, 5, 3), affine((1, 1.5, 2), (3, -4, 5)), (4, 5, 3), affine((1, 1.5, 2), (3.4, -4.3, 6.1))),
        ((4, 5, 6), affine((1, 1.5, 2), (0, 0, 0)), (5, 4, 4), affine((1, 1, 1.5), (1, 1, 2), (20, -10, 30))),
        ((3, 4, 5), affine((2, 1, 1), (9, 0, 1), (5, 0, 40)), (6, 4, 3), affine((1, 1, 2), (9, 1, 0), (0, 15, 40))),
        ((1, 5, 4), affine((3, 1, 1), (0, 0, 0)), (2, 3, 3), affine((1, 2, 1.3), (-1, 0.2, 0.4))),
        ((4, 4, 4), affine((1, 1, 1), (0, 0, 0)), (3, 3, 3), affine((1, 1, 1), (30, 0, 0))),
    ]:
        values = rng.normal(size=shape).round(3).astype(numpy.float32)
        labels = rng.integers(1, 5, size=shape).astype(numpy.uint8)
        index = numpy.indices(target_shape).reshape(3, -1)
        homogeneous = numpy.vstack([index, numpy.ones(index.shape[1])])
        place = (numpy.linalg.inv(source) @ target @ homogeneous)[:3]
        extents = numpy.array(shape)[:, None]
        inside = ((place >= -0.5) & (place < extents - 0.5)).all(axis=0)
        # A place that rounding may put on either side of a face or a half is not compared.
        clear = (numpy.abs(place + 0.5 - numpy.round(place + 0.5)) > 1e-6).all(axis=0)
        linear = ndimage.map_coordinates(
            values.astype(numpy.float64), place, order=1, mode="nearest")
        nearest = ndimage.map_coordinates(labels, place, order=0, mode="nearest")
        cases.append(
            {
                "shape": shape,
                "affine": source[:3].tolist(),
                "targetShape": target_shape,
                "targetAffine": target[:3].tolist(),
                "values": [round(float(v), 6) for v in values.ravel()],
                "labels": labels.ravel().tolist(),
                "linear": numpy.where(inside, linear, -7).tolist(),
                "nearest": numpy.where(inside, nearest, 0).tolist(),
                "clear": clear.tolist(),
            }
        )
    json.dump(
        {"scipy": scipy.__version__, "numpy": numpy.__version__, "cases": cases}, sys.stdout)


if __name__ == "__main__":
    main()
