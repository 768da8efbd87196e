"""What NumPy and SciPy make of small images by the rules of Sources/Volumes/Normalization.

Usage: python make_normalization.py > normalization.json
Made with scipy 1.17.1 and numpy 2.4.6 (the file records the versions that made it).
"""

import json
import sys

import numpy
import scipy
from scipy import interpolate, ndimage


def region_of(values, region):
    if region == "nonZero":
        return values[values != 0]
    if region == "aboveMean":
        return values[values > values.mean()]
    return values


def zscore(x, region="image", percentiles=None):
    inner = region_of(x, region)
    if percentiles:
        low, high = numpy.percentile(inner, percentiles)
        inner = inner[(inner >= low) & (inner <= high)]
    result = (x - inner.mean()) / inner.std()
    return numpy.where(x == 0, 0, result) if region == "nonZero" else result


def clip(x, values=None, percentiles=(0.5, 99.5), region="image"):
    if values:
        low, high = [s * numpy.inf if v is None else v for s, v in zip((-1, 1), values)]
    else:
        low, high = numpy.percentile(region_of(x, region), percentiles)
    return numpy.clip(x, low, high)


def rescale(x, percentiles=(0, 100), region="image", to=(0, 1), clips=True):
    low, high = numpy.percentile(region_of(x, region), percentiles)
    line = interpolate.interp1d((low, high), to, fill_value="extrapolate")
    return numpy.clip(line(x), *to) if clips else line(x)


def outlier_zscore(x, maximum=None, percentile=99.5, replacement="limit"):
    mean = x.mean()
    limit = numpy.percentile(x, percentile) if maximum is None else maximum
    y = numpy.where(x > limit, limit if replacement == "limit" else mean, x)
    return (y - mean) / y.std()


def main():
    rng = numpy.random.default_rng(5)
    shape = (7, 8, 9)
    count = int(numpy.prod(shape))
    x = rng.gamma(2, 100, size=count) * (rng.uniform(size=count) > 0.3)
    x = numpy.round(x, 1).astype(numpy.float32).astype(numpy.float64)
    cases = []

    def case(settings, function):
        options = {k: v for k, v in settings.items() if k != "kind"}
        cases.append({"settings": settings, "result": function(x, **options).tolist()})

    for region in ("image", "nonZero", "aboveMean"):
        case({"kind": "zscore", "region": region}, zscore)
        case({"kind": "zscore", "region": region, "percentiles": [5, 90]}, zscore)
        case({"kind": "clip", "percentiles": [2, 93.5], "region": region}, clip)
        case({"kind": "rescale", "percentiles": [1, 98], "region": region, "to": [-1, 2]}, rescale)
    case({"kind": "clip", "values": [None, 0.01]}, clip)
    case({"kind": "clip", "values": [50, 120.5]}, clip)
    case({"kind": "rescale"}, rescale)
    case({"kind": "rescale", "percentiles": [10, 90], "clips": False}, rescale)
    case({"kind": "outlierZscore", "maximum": 130}, outlier_zscore)
    case({"kind": "outlierZscore", "maximum": 130, "replacement": "mean"}, outlier_zscore)
    case({"kind": "outlierZscore", "percentile": 97, "replacement": "mean"}, outlier_zscore)

    # Nyul: three images on scales of their own, the standard from the first two.
    percentiles = [1, 10, 25, 50, 75, 90, 99]
    images = [numpy.round(x, 1), numpy.round(x[::-1] * 3 + 20, 1), numpy.round(x**1.2, 1)]
    images = [i.astype(numpy.float32).astype(numpy.float64) for i in images]
    found = [numpy.percentile(region_of(i, "aboveMean"), percentiles) for i in images]
    mapped = [interpolate.interp1d(f[[0, -1]], [0, 100], fill_value="extrapolate")(f) for f in found]
    standard = numpy.mean(mapped[:2], axis=0)
    nyul = {
        "percentiles": percentiles,
        "images": [i.tolist() for i in images],
        "standard": standard.tolist(),
        "results": [
            interpolate.interp1d(f, standard, fill_value="extrapolate")(i).tolist()
            for f, i in zip(found, images)
        ],
    }
    mask = x.reshape(shape) > 200
    content = {
        "versions": {"scipy": scipy.__version__, "numpy": numpy.__version__},
        "shape": shape,
        "values": x.tolist(),
        "cases": cases,
        "nyul": nyul,
        "centerOfMassAbove200": ndimage.center_of_mass(mask),
    }
    rounded = json.loads(json.dumps(content), parse_float=lambda v: float(f"{float(v):.9g}"))
    json.dump(rounded, sys.stdout, separators=(",", ":"))
    print()


main()
