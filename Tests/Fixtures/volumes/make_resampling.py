"""What SciPy makes of small volumes: zooms to other grids, and patches by affine maps.

Usage: python make_resampling.py > resampling.json
Made with scipy 1.17.1 and numpy 2.4.6 (the file records the versions that made it).
"""

import json
import sys

import numpy
import scipy
from scipy import ndimage
from scipy.spatial.transform import Rotation


def main():
    rng = numpy.random.default_rng(3)
    zooms = []
    for shape, target in [
        ((5, 6, 7), (10, 6, 7)), ((5, 6, 7), (3, 4, 5)), ((8, 9, 4), (5, 13, 4)),
        ((1, 6, 7), (1, 9, 5)), ((6, 1, 2), (3, 1, 5)), ((4, 5, 6), (1, 1, 1)),
        ((3, 3, 3), (11, 7, 2)),
    ]:
        values = rng.normal(size=shape).astype(numpy.float32)
        labels = rng.integers(0, 4, size=shape).astype(numpy.uint8)
        factors = [t / s for s, t in zip(shape, target)]

        def zoom(array, order):
            return ndimage.zoom(array, factors, order=order, mode="nearest", grid_mode=True)

        linear = zoom(values.astype(numpy.float64), 1)
        assert linear.shape == target
        cubic = zoom(values.astype(numpy.float64), 3)
        # Axis after axis: the nearest voxel along the last, splines along the others.
        nearest = ((2 * numpy.arange(target[2]) + 1) * shape[2]) // (2 * target[2])
        coarse = ndimage.zoom(
            values.astype(numpy.float64)[:, :, nearest], factors[:2] + [1], order=3, mode="nearest",
            grid_mode=True)
        shares = numpy.stack([zoom((labels == c).astype(numpy.float64), 1) for c in range(4)])
        top = numpy.sort(shares, axis=0)
        # Where two labels tie, rounding decides: such voxels are not compared.
        clear = top[-1] - top[-2] > 1e-6
        winners = numpy.where(clear, shares.argmax(axis=0), 255)
        zooms.append(
            {
                "shape": shape,
                "target": target,
                "values": values.ravel().tolist(),
                "linear": linear.ravel().tolist(),
                "cubic": cubic.ravel().tolist(),
                "coarse": coarse.ravel().tolist(),
                "labels": labels.ravel().tolist(),
                "winners": winners.ravel().tolist(),
            }
        )

    # Wide enough for whole vectors and remainders; made from a formula, sampled at some places.
    wide = []
    for shape, target in [((18, 37, 41), (13, 50, 23)), ((33, 16, 20), (50, 16, 33))]:
        count = int(numpy.prod(shape))
        values = (numpy.arange(count) * 7919 % 1009 / 1009).reshape(shape)
        factors = [t / s for s, t in zip(shape, target)]
        cubic = ndimage.zoom(values, factors, order=3, mode="nearest", grid_mode=True).ravel()
        places = numpy.random.default_rng(4).integers(0, cubic.size, size=300)
        wide.append(
            {
                "shape": shape,
                "target": target,
                "places": places.tolist(),
                "cubic": cubic[places].tolist(),
            }
        )

    patches = []
    for shape, size, origin, degrees, scale, flips in [
        ((9, 10, 11), (6, 7, 8), (1, 2, 2), (10, -14, 7), 1.2, ()),
        ((9, 10, 11), (6, 7, 8), (0, 3, 3), (-30, 25, 60), 0.6, (0,)),
        ((5, 6, 4), (8, 8, 8), (-2, -1, -2), (15, 15, -15), 0.9, (1, 2)),
        ((1, 12, 9), (1, 8, 8), (0, 2, 0), (40, 0, 0), 1.1, ()),
    ]:
        values = rng.normal(size=(2, *shape)).astype(numpy.float32)
        labels = rng.integers(0, 4, size=shape).astype(numpy.uint8)
        spacing = numpy.array([0.8, 1.0, 2.5])
        # Lower-case letters: about the fixed axes x, then y, then z.
        rotation = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
        grow = numpy.array([1 if n == 1 else 1 / scale for n in size])
        matrix = numpy.diag(1 / spacing) @ rotation @ numpy.diag(grow) @ numpy.diag(spacing)
        for axis in flips:
            matrix = numpy.diag([-1.0 if a == axis else 1.0 for a in range(3)]) @ matrix
        center = (numpy.array(size) - 1) / 2
        offsets = numpy.stack(numpy.indices(size), axis=-1) - center
        points = offsets @ matrix.T + center + numpy.array(origin)
        points = numpy.moveaxis(points, -1, 0)
        mode = dict(mode="grid-constant", cval=0, prefilter=False)
        image = [ndimage.map_coordinates(v.astype(numpy.float64), points, order=1, **mode) for v in values]
        fraction = points - numpy.floor(points)
        tied = (numpy.abs(fraction - 0.5) < 1e-4).any(axis=0)
        found = ndimage.map_coordinates(labels, points, order=0, **mode)
        patches.append(
            {
                "shape": shape,
                "size": size,
                "origin": origin,
                "spacing": spacing.tolist(),
                "degrees": degrees,
                "scale": scale,
                "flips": flips,
                "values": values.ravel().tolist(),
                "labels": labels.ravel().tolist(),
                "image": numpy.stack(image).ravel().tolist(),
                "found": numpy.where(tied, 255, found).ravel().tolist(),
            }
        )
    versions = {"scipy": scipy.__version__, "numpy": numpy.__version__}
    content = {"versions": versions, "zooms": zooms, "wide": wide, "patches": patches}
    rounded = json.loads(json.dumps(content), parse_float=lambda x: round(float(x), 7))
    json.dump(rounded, sys.stdout, separators=(",", ":"))
    print()


main()
