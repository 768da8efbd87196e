"""Small NIfTI files as nibabel writes them, and what nibabel reads back: oracles for VolumesTests.

Every element type, byte order and version, with and without a slope, with sform, qform or neither.

Usage: python make_nifti_types.py > nifti_types.json
Made with nibabel 5.4.2 and numpy 2.4.6 (the file records the versions that made it).
"""

import base64
import json
import sys

import nibabel
import numpy

TYPES = "uint8 int8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()


def rotation(rng):
    q, r = numpy.linalg.qr(rng.normal(size=(3, 3)))
    return q * numpy.sign(numpy.diag(r))


def main():
    rng = numpy.random.default_rng(1)
    cases = []
    for kind in TYPES:
        for order in "<>":
            for version, header_class in ((1, nibabel.Nifti1Header), (2, nibabel.Nifti2Header)):
                header = header_class(endianness=order)
                dtype = numpy.dtype(kind).newbyteorder(order)
                low = 0 if kind.startswith("u") else -100
                values = rng.integers(low, 120, size=(2, 3, 4)).astype(dtype)
                if kind.startswith("f"):
                    values = (values / 7).astype(dtype)
                affine = numpy.eye(4)
                affine[:3, :3] = rotation(rng) * rng.uniform(0.3, 4, size=3)
                affine[:3, 3] = rng.normal(size=3) * 50
                header.set_data_dtype(dtype)
                header.set_data_shape(values.shape)
                placed = ("sform", "qform", "none", "both")[len(cases) % 4]
                header["pixdim"][1:4] = numpy.linalg.norm(affine[:3, :3], axis=0)
                if placed in ("qform", "both"):
                    header.set_qform(affine, code=1)
                if placed in ("sform", "both"):
                    other = affine.copy()
                    other[:3, 3] += 1
                    header.set_sform(other, code=2)
                scaled = len(cases) % 3 == 0
                header.set_slope_inter(0.25, -3) if scaled else header.set_slope_inter(1, 0)
                header["magic"] = b"n+1" if version == 1 else b"n+2\0\r\n\x1a\n"
                offset = 352 if version == 1 else 544
                header["vox_offset"] = offset
                content = header.binaryblock.ljust(offset, b"\0") + values.tobytes(order="F")
                image_class = nibabel.Nifti1Image if version == 1 else nibabel.Nifti2Image
                image = image_class.from_bytes(content)
                cases.append(
                    {
                        "name": f"{kind} {order} NIfTI-{version} {placed}",
                        "type": kind,
                        "bigEndian": order == ">",
                        "content": base64.b64encode(content).decode(),
                        "values": image.get_fdata().ravel(order="C").tolist(),
                        "affine": image.affine[:3].tolist(),
                    }
                )
    versions = {"nibabel": nibabel.__version__, "numpy": numpy.__version__}
    json.dump({"versions": versions, "cases": cases}, sys.stdout, indent=0)
    print()


main()
