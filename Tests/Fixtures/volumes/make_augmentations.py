"""What SciPy, NumPy, PyTorch, MONAI and TorchIO make of small volumes: the oracles of augmentations.

Usage: python make_augmentations.py > augmentations.json
Made with scipy 1.17.1, numpy 2.4.6, torch 2.13.0, monai 1.6.1, torchio 1.2.1 (the file records the
versions that made it).
"""

import json
import sys

import monai
import numpy
import scipy
import torch
import torchio
from scipy import ndimage
from scipy.interpolate import BSpline

rng = numpy.random.default_rng(11)


def flat(array):
    return numpy.asarray(array, dtype=numpy.float64).ravel().tolist()


def volume(*shape):
    # Few digits: the file stays small.
    return rng.normal(size=shape).round(2).astype(numpy.float32)


def blurs():
    for shape, sigmas in [((5, 6, 7), (0.5, 0.8, 1.1)), ((19, 3, 18), (1.3, 2, 0.6)), ((1, 9, 4), (1, 1, 3))]:
        values = volume(*shape)
        used = [s if n > 1 else 0 for s, n in zip(sigmas, shape)]
        yield {"size": shape, "sigmas": sigmas, "values": flat(values),
               "expected": flat(ndimage.gaussian_filter(values.astype(numpy.float64), used))}


def resolutions():
    for shape, coarse in [((8, 9, 10), (4, 6, 9)), ((17, 5, 33), (9, 5, 20)), ((1, 12, 7), (1, 3, 1))]:
        values = volume(*shape)
        tensor = torch.from_numpy(values.astype(numpy.float64))[None, None]
        low = torch.nn.functional.interpolate(tensor, size=coarse, mode="nearest-exact")
        high = torch.nn.functional.interpolate(low, size=shape, mode="trilinear", align_corners=False)
        yield {"size": shape, "coarse": coarse, "values": flat(values), "expected": flat(high)}


def smears():
    for shape, path in [((9, 8, 7), (0, 0, 4)), ((9, 8, 7), (2.5, -1.5, 0.75)), ((1, 8, 9), (0, 3.2, -2.4))]:
        values = volume(*shape)
        half = int(numpy.ceil(numpy.linalg.norm(path)))
        points = numpy.indices(shape).astype(numpy.float64)
        total = numpy.zeros(shape)
        for step in range(-half, half + 1):
            moved = points + (numpy.array(path) * step / (2 * half)).reshape(3, 1, 1, 1)
            total += ndimage.map_coordinates(values.astype(numpy.float64), moved, order=1, mode="nearest")
        yield {"size": shape, "path": path, "values": flat(values), "expected": flat(total / (2 * half + 1))}


def centered_lines(length):
    return numpy.arange(length) - length // 2


def spectra():
    def through(values, axis, factors):
        spectrum = numpy.fft.fftshift(numpy.fft.fft(values, axis=axis), axes=axis)
        shape = [1, 1, 1]
        shape[axis] = -1
        back = numpy.fft.ifftshift(spectrum * factors.reshape(shape), axes=axis)
        return numpy.abs(numpy.fft.ifft(back, axis=axis))

    for shape, axis, moves in [((8, 5, 6), 0, [(0.3, 2.5), (0.8, -1)]), ((4, 19, 3), 1, [(0.55, 3)]),
                               ((3, 4, 33), 2, [(0.1, -4), (0.45, 1.5), (0.7, 2)])]:
        values = volume(*shape)
        lines = centered_lines(shape[axis])
        times = (lines + shape[axis] // 2 + 0.5) / shape[axis]
        place = sum(distance * (time <= times) for time, distance in moves)
        middle = sum(distance * (time <= 0.5) for time, distance in moves)
        factors = numpy.exp(-2j * numpy.pi * lines * (place - middle) / shape[axis])
        low = values.min()
        yield {"kind": "motion", "size": shape, "axis": axis, "moves": moves, "values": flat(values),
               "expected": flat(through(values.astype(numpy.float64) - low, axis, factors) + low)}
    for shape, axis, count, strength, kept in [((12, 5, 6), 0, 3, 0.7, 0.02), ((4, 19, 3), 1, 4, 0.5, 0.3),
                                               ((3, 4, 32), 2, 2, 1.0, 0.0)]:
        values = volume(*shape)
        lines = centered_lines(shape[axis])
        weak = (lines % count == 0) & ~(2 * abs(lines) <= kept * shape[axis])
        low = values.min()
        yield {"kind": "ghosting", "size": shape, "axis": axis, "count": count, "strength": strength, "kept": kept,
               "values": flat(values),
               "expected": flat(through(values.astype(numpy.float64) - low, axis, numpy.where(weak, 1 - strength, 1)) + low)}


def fields():
    from torchio.transforms.augmentation.intensity.random_bias_field import BiasField

    # Even extents: TorchIO counts odd ones by half a voxel more on one side.
    for shape, order in [((6, 8, 4), 3), ((4, 10, 6), 2), ((8, 4, 6), 1)]:
        number = (order + 1) * (order + 2) * (order + 3) // 6
        coefficients = rng.uniform(-0.5, 0.5, size=number)
        values = volume(*shape)
        field = BiasField.generate_bias_field(torch.from_numpy(values)[None], order, coefficients.tolist())
        low = values.min()
        yield {"size": shape, "order": order, "coefficients": coefficients.tolist(), "values": flat(values),
               "expected": flat((values.astype(numpy.float64) - low) * numpy.asarray(field, dtype=numpy.float64) + low)}


def gammas():
    for exponent, invert, retain in [(0.6, False, False), (1.7, True, False), (1.4, False, True)]:
        values = volume(3, 4, 5)
        adjust = monai.transforms.AdjustContrast(exponent, invert_image=invert, retain_stats=retain)
        bent = adjust(torch.from_numpy(values.astype(numpy.float64))[None])
        yield {"exponent": exponent, "invert": invert, "retain": retain, "size": values.shape,
               "values": flat(values), "expected": flat(bent)}


def places(size, origin, columns, shift, spacing, vectors):
    """The points in the volume that the voxels of a patch are taken from."""
    center = (numpy.array(size) - 1) / 2
    offsets = numpy.stack(numpy.indices(size), axis=-1) - center
    if vectors is not None:
        bases = []
        for axis in range(3):
            points = vectors.shape[axis]
            # Control points one apart; spline n is centered on point n, place p in [1, points - 2].
            knots = numpy.arange(-2, points + 2, dtype=numpy.float64)
            at = (points - 3) / 2 + 1 + (numpy.arange(size[axis]) - center[axis]) / spacing[axis]
            basis = numpy.stack([BSpline(knots, numpy.eye(points)[n], 3, extrapolate=False)(at) for n in range(points)], axis=1)
            bases.append(numpy.nan_to_num(basis))
        offsets = offsets + numpy.einsum("ai,bj,ck,ijkv->abcv", *bases, vectors)
    return numpy.moveaxis(offsets @ numpy.array(columns).T + center + numpy.array(origin) + numpy.array(shift), -1, 0)


def patches():
    for shape, size, origin, angle, shift, spacing, order in [
        ((14, 13, 22), (6, 5, 17), (4, 4, 2), 0.4, (0.3, -0.6, 1.2), (5, 4, 8), 1),
        ((9, 18, 10), (7, 9, 8), (0, 6, 1), -0.9, (0, 0, 0), (32, 32, 32), 1),
        ((14, 13, 15), (6, 5, 8), (4, 4, 3), 0.4, (0.3, -0.6, 1.2), (5, 4, 8), 3),
        ((9, 8, 10), (6, 6, 8), (1, 0, 1), 0.2, (0, 0, 0), (6, 6, 6), 3),
    ]:
        values = volume(2, *shape)
        labels = ndimage.zoom(rng.integers(0, 4, size=[(n + 2) // 3 for n in shape]), 3, order=0)
        labels = labels[: shape[0], : shape[1], : shape[2]].astype(numpy.uint8)
        c, s = numpy.cos(angle), numpy.sin(angle)
        columns = numpy.array([[c, -s, 0.1], [s, c, 0], [0.2, 0, 0.9]])
        counts = [int(numpy.ceil((n - 1) / d)) + 3 for n, d in zip(size, spacing)]
        vectors = volume(*counts, 3)
        points = places(size, origin, columns, shift, spacing, vectors.astype(numpy.float64))
        image = [ndimage.map_coordinates(v.astype(numpy.float64), points, order=order, mode="grid-constant", cval=0)
                 for v in values]
        shares = numpy.stack([ndimage.map_coordinates((labels == c).astype(numpy.float64), points, order=1,
                                                      mode="grid-constant", cval=1.0 if c == 0 else 0.0) for c in range(4)])
        top = numpy.sort(shares, axis=0)
        clear = top[-1] - top[-2] > 1e-4
        yield {"shape": shape, "size": size, "origin": origin, "columns": columns.T.ravel().tolist(), "shift": shift,
               "spacing": spacing, "vectors": flat(vectors), "order": order, "values": flat(values),
               "labels": labels.ravel().tolist(), "image": flat(numpy.stack(image)),
               "winners": numpy.where(clear, shares.argmax(axis=0), 255).ravel().tolist()}


def main():
    versions = {m.__name__: m.__version__ for m in (scipy, numpy, torch, monai, torchio)}
    content = {"versions": versions, "blurs": list(blurs()), "resolutions": list(resolutions()), "smears": list(smears()),
               "spectra": list(spectra()), "fields": list(fields()), "gammas": list(gammas()), "patches": list(patches())}
    rounded = json.loads(json.dumps(content), parse_float=lambda x: round(float(x), 6))
    json.dump(rounded, sys.stdout, separators=(",", ":"))
    print()


main()
