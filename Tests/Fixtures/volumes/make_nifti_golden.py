"""What nibabel reads from the files under ../shared/data/nifti, as oracles for VolumesTests.

Usage: python make_nifti_golden.py PATH/TO/shared/data/nifti > nifti_golden.json
Made with nibabel 5.4.2 and numpy 2.4.6 (the file records the versions that made it).
"""

import json
import os
import sys

import nibabel
import numpy


def load(path):
    """nibabel.load, and pairs of which only one part is compressed (nibabel wants them alike)."""
    stem, ending = path.removesuffix(".gz").rsplit(".", 1)
    if ending in ("hdr", "img"):
        parts = {}
        for kind, name in (("header", ".hdr"), ("image", ".img")):
            candidates = [stem + name, stem + name + ".gz"]
            if path.endswith(".gz"):
                candidates.reverse()
            parts[kind] = next((p for p in candidates if os.path.exists(p)), candidates[0])
        holders = {kind: nibabel.FileHolder(part) for kind, part in parts.items()}
        return nibabel.Nifti1Pair.from_file_map(holders)
    return nibabel.load(path)


def describe(path):
    image = load(path)
    values = numpy.asarray(image.dataobj).astype(numpy.float64) * 1.0
    shape = list(image.shape) + [1] * (3 - len(image.shape))
    values = values.reshape(shape[:3] + [-1], order="A")
    i, j, k, c = numpy.indices(values.shape)
    # A weight that no exchange or reversal of axes leaves as it is.
    weight = (7 * i + 13 * j + 31 * k + 5 * c) % 101
    return {
        "shape": shape,
        "affine": image.affine[:3].tolist(),
        "orientation": "".join(nibabel.aff2axcodes(image.affine)),
        "sum": float(values.sum()),
        "weightedSum": float((values * weight).sum()),
        "minimum": float(values.min()),
        "maximum": float(values.max()),
    }


def main(root):
    files = {}
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            if "LICENSE" in name:
                continue
            path = os.path.join(folder, name)
            key = os.path.relpath(path, root)
            try:
                if load(path).get_data_dtype().kind not in "iuf":
                    raise ValueError("not one number a voxel")
                files[key] = describe(path)
            except Exception as error:
                files[key] = {"refused": type(error).__name__}
    versions = {"nibabel": nibabel.__version__, "numpy": numpy.__version__}
    json.dump({"versions": versions, "files": files}, sys.stdout, indent=1)
    print()


main(sys.argv[1])
