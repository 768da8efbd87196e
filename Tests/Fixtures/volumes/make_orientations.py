"""All 48 orientations, straight and oblique, as nibabel names and undoes them.

The voxels are those of arange(24) on the shape (2, 3, 4). `canonical` is as_closest_canonical's.

Usage: python make_orientations.py > orientations.json
Made with nibabel 5.4.2 and numpy 2.4.6 (the file records the versions that made it).
"""

import itertools
import json
import sys

import nibabel
import numpy


def main():
    rng = numpy.random.default_rng(2)
    values = numpy.arange(24, dtype=numpy.float32).reshape(2, 3, 4)
    cases = []
    for axes in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            for tilt in (0, 0.3, 0.6):
                linear = numpy.zeros((3, 3))
                for array_axis, (axis, sign) in enumerate(zip(axes, signs)):
                    linear[axis, array_axis] = sign
                if tilt:
                    linear = linear + rng.uniform(-tilt, tilt, size=(3, 3))
                affine = numpy.eye(4)
                affine[:3, :3] = linear * rng.uniform(0.4, 3, size=3)
                affine[:3, 3] = rng.normal(size=3) * 40
                image = nibabel.Nifti1Image(values, affine)
                canonical = nibabel.as_closest_canonical(image)
                cases.append(
                    {
                        "affine": affine[:3].tolist(),
                        "code": "".join(nibabel.aff2axcodes(affine)),
                        "canonicalAffine": canonical.affine[:3].tolist(),
                        "canonicalShape": list(canonical.shape),
                        "canonicalValues": numpy.asarray(canonical.dataobj).ravel().tolist(),
                    }
                )
    versions = {"nibabel": nibabel.__version__, "numpy": numpy.__version__}
    json.dump({"versions": versions, "cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
