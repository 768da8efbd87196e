"""Image files: segmpi beside nibabel, ITK, pynrrd and NumPy, values and affines.

Every file goes through `segmpi convert` into another format. What comes out is read by the library at home
there, and compared with what the library at home reads of the original: values exactly (in float64),
affines to the rounding of the formats (NIfTI-1 keeps them in float32). Files that hold no intensities must
be refused with one sentence and status 1.

Usage: python3 formats.py [--segmpi PATH] [--data FOLDER]
"""

import argparse
import gzip
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import nibabel
import nrrd
import numpy as np
import SimpleITK as sitk

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"]
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
SHAPE = (5, 4, 3)


class Refused(Exception):
    """segmpi ended with a status other than 0."""

    def __init__(self, run):
        super().__init__(f"status {run.returncode}: {run.stderr.strip()}")
        self.status = run.returncode
        self.words = run.stderr


class Converter:
    def __init__(self, program):
        self.program = program

    def __call__(self, source, target, *options):
        command = [self.program, "convert", str(source), str(target), *options]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if run.returncode:
            raise Refused(run)
        return target


# What each library reads: values (i, j, k) or (i, j, k, channel) in float64, affine in RAS+.


def by_nibabel(path):
    image = nibabel.load(path)
    values = np.asanyarray(image.dataobj).astype(np.float64)
    values = values.reshape([*values.shape, 1, 1, 1][: max(3, values.ndim)])
    # Of further dimensions one may be longer than 1.
    values = values.reshape(*values.shape[:3], -1)
    return values[..., 0] if values.shape[3] == 1 else values, image.affine


def by_itk(path):
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image).astype(np.float64)
    vector = image.GetNumberOfComponentsPerPixel() > 1
    values = array.transpose(2, 1, 0, 3) if vector else array.T
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return values, LPS @ affine


def by_numpy(path):
    if path.suffix == ".npy":
        values, affine = np.load(path), np.eye(4)
    else:
        archive = np.load(path)
        values, affine = archive["data"], archive["affine"]
    values = values.astype(np.float64)
    return np.moveaxis(values, 0, -1) if values.ndim == 4 else values, affine


def by_pynrrd(path):
    values, header = nrrd.read(str(path))
    directions = header["space directions"]
    spatial = ~np.isnan(directions).any(axis=1)
    if not spatial[0]:
        values = np.moveaxis(values, 0, -1)
    affine = np.eye(4)
    affine[:3, :3] = directions[spatial].T
    affine[:3, 3] = header["space origin"]
    flip = {"left-posterior-superior": LPS, "right-anterior-superior": np.eye(4)}[header["space"]]
    return values.astype(np.float64), flip @ affine


def read(path):
    name = path.name
    if name.endswith((".nii", ".nii.gz", ".hdr")):
        return by_nibabel(path)
    if name.endswith((".npy", ".npz")):
        return by_numpy(path)
    return by_itk(path)


class Table:
    """Counts of one kind of comparison, and what was wrong."""

    def __init__(self):
        self.rows = []
        self.faults = []

    def compare(self, kind, cases, tolerance):
        """`cases` yields (name, expected, found), the latter two as functions of nothing."""
        count = wrong = 0
        largest = 0.0
        for name, expected, found in cases:
            count += 1
            try:
                values, affine = expected()
                other, matrix = found()
                same = values.shape == other.shape and np.array_equal(values, other, equal_nan=True)
                scale = max(1.0, np.abs(affine).max())
                distance = np.abs(affine - matrix).max() / scale
                largest = max(largest, distance)
                if not same or not distance <= tolerance:
                    wrong += 1
                    self.faults.append(f"{kind}: {name}: same values {same}, affines differ by {distance:.2g}")
            except Exception as error:  # a fault of any kind is a line of the table
                wrong += 1
                self.faults.append(f"{kind}: {name}: {type(error).__name__}: {error}")
        self.rows.append((kind, count, wrong, f"{largest:.1e}", f"{tolerance:.0e}"))

    def expect_refusals(self, kind, paths, convert, folder):
        wrong = 0
        for path in paths:
            target = folder / f"refused-{path.name}.nii"
            try:
                convert(path, target)
                wrong += 1
                self.faults.append(f"{kind}: {path.name} was converted")
            except Refused as refusal:
                lines = refusal.words.strip().splitlines()
                if refusal.status != 1 or len(lines) != 1 or target.exists():
                    wrong += 1
                    self.faults.append(f"{kind}: {path.name}: {refusal}")
        self.rows.append((kind, len(paths), wrong, "-", "-"))

    def print(self):
        head = ("comparison", "files", "wrong", "affines differ by", "allowed")
        widths = [max(len(str(row[i])) for row in [head, *self.rows]) for i in range(5)]
        for row in [head, *self.rows]:
            first = str(row[0]).ljust(widths[0])
            print("  ".join([first, *(str(cell).rjust(w) for cell, w in zip(row[1:], widths[1:]))]))
        for fault in self.faults:
            print("fault:", fault)


def random_values(random, kind, shape=SHAPE):
    if kind.startswith("f"):
        return random.normal(0, 1000, shape).astype(kind)
    info = np.iinfo(kind)
    low, high = max(info.min, -(2**53)), min(info.max, 2**53)
    return random.integers(low, high, shape, dtype=np.int64 if low < 0 else np.uint64).astype(kind)


def askew():
    """A rotation with voxel sizes: what every format can say."""
    a, b = np.deg2rad([20, 35])
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = (x @ z) * [0.7, 1.1, 2.3]
    affine[:3, 3] = [-31.5, 12.25, 7]
    return affine


def itk_image(values, affine, vector=False):
    axes = (2, 1, 0, 3) if vector else (2, 1, 0)
    image = sitk.GetImageFromArray(np.ascontiguousarray(values.transpose(axes)), isVector=vector)
    matrix = LPS @ affine
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((matrix[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(matrix[:3, 3].tolist())
    return image


def sources(folder, random):
    """(kind, path, reader): files that other programs wrote."""
    affine = askew()
    for kind, order in itertools.product(TYPES, "<>"):
        values = random_values(random, kind)
        for ending, make in [
            (".nii", nibabel.Nifti1Image), (".nii.gz", nibabel.Nifti2Image), (".hdr", nibabel.Nifti1Pair),
        ]:
            header = make.header_class(endianness=order)
            header.set_data_dtype(np.dtype(order + kind))
            path = folder / f"nifti-{kind}-{'little' if order == '<' else 'big'}{ending}"
            nibabel.save(make(values, affine, header), path)
            yield "NIfTI", path, by_nibabel
        for encoding in ["raw", "gzip", "ascii"]:
            path = folder / f"nrrd-{kind}-{'little' if order == '<' else 'big'}-{encoding}.nrrd"
            header = {
                "space": "right-anterior-superior",
                "space directions": affine[:3, :3].T,
                "space origin": affine[:3, 3],
                "encoding": encoding,
                "endian": "little" if order == "<" else "big",
            }
            nrrd.write(str(path), values.astype(order + kind), header)
            yield "NRRD", path, by_pynrrd
        path = folder / f"numpy-{kind}-{'little' if order == '<' else 'big'}.npy"
        numbers = values.astype(order + kind)
        np.save(path, np.asfortranarray(numbers) if order == "<" else numbers)
        yield "NumPy", path, by_numpy
        path = path.with_suffix(".npz")
        (np.savez if order == "<" else np.savez_compressed)(path, data=numbers, affine=affine)
        yield "NumPy", path, by_numpy
        path = folder / f"meta-{kind}-{'little' if order == '<' else 'big'}.mha"
        write_meta(path, values.astype(order + kind), affine)
        yield "MetaImage", path, by_itk
    for kind, ending, compress in itertools.product(TYPES, ["nrrd", "nhdr", "mha", "mhd"], [False, True]):
        path = folder / f"itk-{kind}-{compress}.{ending}"
        sitk.WriteImage(itk_image(random_values(random, kind), affine), str(path), compress)
        yield ("NRRD" if ending[0] == "n" else "MetaImage"), path, by_itk
    for ending in ["nrrd", "mha"]:
        path = folder / f"itk-vectors.{ending}"
        values = random_values(random, "i2", (*SHAPE, 3))
        sitk.WriteImage(itk_image(values, affine, vector=True), str(path))
        yield ("NRRD" if ending == "nrrd" else "MetaImage"), path, by_itk


def write_meta(path, values, affine):
    """A .mha with the byte order of `values`: ITK writes that of its machine only."""
    matrix = LPS @ affine
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    kinds = dict(zip(TYPES, "UCHAR USHORT UINT ULONG_LONG CHAR SHORT INT LONG_LONG FLOAT DOUBLE".split()))
    words = lambda numbers: " ".join(map(repr, map(float, numbers)))
    path.write_bytes(
        (
            "ObjectType = Image\nNDims = 3\nBinaryData = True\n"
            f"BinaryDataByteOrderMSB = {values.dtype.byteorder == '>'}\n"
            f"TransformMatrix = {words((matrix[:3, :3] / spacing).T.ravel())}\n"
            f"Offset = {words(matrix[:3, 3])}\nElementSpacing = {words(spacing)}\n"
            f"DimSize = {' '.join(map(str, values.shape))}\n"
            f"ElementType = MET_{kinds[values.dtype.str[1:]]}\nElementDataFile = LOCAL\n"
        ).encode()
        + values.tobytes(order="F")
    )


def conversions(files, endings, folder, convert):
    """Cases for Table.compare: each file into the endings in turn."""
    for index, (path, reader) in enumerate(files):
        ending = endings[index % len(endings)]
        target = folder / f"converted-{index}{ending}"
        yield f"{path.name} to {ending}", lambda p=path, r=reader: r(p), lambda p=path, t=target: read(
            convert(p, t)
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--segmpi", default=os.environ.get("SEGMPI", ".build/release/segmpi"))
    parser.add_argument("--data", default=str(ROOT.parent / "shared/data/nifti"))
    arguments = parser.parse_args()
    convert = Converter(arguments.segmpi)
    random = np.random.default_rng(5)
    table = Table()
    single, double = 1e-6, 1e-12

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        real, refused = [], []
        data = pathlib.Path(arguments.data)
        for path in sorted(data.rglob("*")):
            if path.is_dir() or path.name.startswith("LICENSE"):
                continue
            if "fuzz_artifacts" in path.parts or path.stat().st_size == 0 or not path.name.endswith(
                (".nii", ".nii.gz", ".hdr", ".hdr.gz")
            ):
                if not path.name.endswith((".img", ".img.gz")):
                    refused.append((path, None))
                continue
            try:
                numeric = nibabel.load(path).get_data_dtype().kind in "iuf"
                numeric = numeric and by_nibabel(path) is not None
                (real if numeric else refused).append((path, by_nibabel))
            except Exception:
                # A pair of which one part is compressed is read here, and not by nibabel.
                other = path.with_suffix(".img.gz")
                if path.suffix == ".hdr" and other.exists():
                    pair = folder / path.name
                    shutil.copy(path, pair)
                    pair.with_suffix(".img").write_bytes(gzip.decompress(other.read_bytes()))
                    real.append((path, lambda _, pair=pair: by_nibabel(pair)))
                else:
                    refused.append((path, None))
        if not data.is_dir():
            print(f"{data} is not there: its files are left out")
        for ending, tolerance in [(".npz", double), (".nii", double), (".nrrd", double), (".mha", double)]:
            table.compare(
                f"real NIfTI to {ending}", conversions(real, [ending], folder, convert), tolerance
            )
        paths = [path for path, _ in refused]
        table.expect_refusals("real files without intensities", paths, convert, folder)

        groups = {}
        for kind, path, reader in sources(folder, random):
            groups.setdefault(kind, []).append((path, reader))
        for kind, files in groups.items():
            # To its own format and to the others, in float64 and in NIfTI's float32.
            table.compare(f"{kind} to .npz", conversions(files, [".npz"], folder, convert), double)
            others = [".nrrd", ".mha", ".nhdr", ".mhd"]
            if kind != "NumPy":
                table.compare(f"{kind} to ITK", conversions(files, others, folder, convert), double)
            table.compare(
                f"{kind} to NIfTI", conversions(files, [".nii.gz", ".nii", ".hdr"], folder, convert), single
            )

        codes = []
        for axes in itertools.permutations(range(3)):
            for signs in itertools.product([1, -1], repeat=3):
                orientation = np.column_stack([axes, signs])
                image = nibabel.Nifti1Image(random_values(random, "i2"), askew())
                image = image.as_reoriented(orientation)
                path = folder / f"axes-{''.join(nibabel.aff2axcodes(image.affine))}.nii"
                nibabel.save(image, path)
                codes.append((path, by_nibabel))
        for ending in [".nrrd", ".mha", ".npz", ".nii.gz"]:
            table.compare(
                f"48 axis codes to {ending}", conversions(codes, [ending], folder, convert), double
            )
            # And back from there, as segmpi reads it.
            back = [
                (folder / f"back-{i}{ending}", lambda p, original=path: by_nibabel(original))
                for i, (path, _) in enumerate(codes)
            ]
            for (path, _), (middle, _) in zip(codes, back):
                convert(path, middle)
            table.compare(
                f"48 axis codes from {ending}", conversions(back, [".nii"], folder, convert), single
            )

        slices = folder / "slices"
        slices.mkdir()
        stack = random.integers(0, 65536, (3, 4, 5), dtype=np.uint16)
        for index, picture in enumerate(stack):
            sitk.WriteImage(sitk.GetImageFromArray(picture), str(slices / f"{index + 9}.png"))
        (slices / "spacing.txt").write_text("0.5 0.75 2\n")
        names = [str(slices / f"{index + 9}.png") for index in range(3)]
        series = sitk.ReadImage(names)
        series.SetSpacing((0.5, 0.75, 2))
        sitk.WriteImage(series, str(folder / "slices.mha"))
        table.compare(
            "PNG slices to .nrrd",
            [(
                "slices", lambda: by_itk(folder / "slices.mha"),
                lambda: by_itk(convert(slices, folder / "slices.nrrd")),
            )],
            double,
        )

        if shutil.which("dcm2niix"):
            import dicom

            table.compare("DICOM series to .nii", dicom.cases(folder, convert, by_nibabel), single)
        else:
            print("dcm2niix is not installed: DICOM is left out")

    table.print()
    return 1 if table.faults else 0


if __name__ == "__main__":
    sys.exit(main())
