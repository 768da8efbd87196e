"""Writes formats.json: small files of every format that other programs wrote, and what these read.

NRRD and MetaImage by SimpleITK 2.5.7 (ITK) and pynrrd 1.1.3, .npy and .npz by NumPy 2.4.6. What none of
them writes (hexadecimal, lists of files, skips) is put together here; whatever ITK or pynrrd reads of
that, is read by them for the expectation. Affines are NIfTI's (RAS+).

Run: python3 make_formats.py
"""

import gzip
import io
import json
import os
import pathlib
import tempfile
import zlib

import nrrd
import numpy as np
import SimpleITK as sitk

SHAPE = (4, 3, 2)
TYPES = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"]
DIRECTIONS = np.array([[1.5, 0.1, 0.0], [-0.2, 2.25, 0.3], [0.25, -0.4, 3.0]])  # rows: axes
ORIGIN = np.array([-31.5, 12.25, 7.0])
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])

random = np.random.default_rng(11)
cases = []


def values(kind, shape=SHAPE):
    if kind.startswith("f"):
        return random.normal(0, 100, shape).astype(kind)
    info = np.iinfo(kind)
    # 64-bit integers beyond 2^53 are rounded by readers that compute in double precision.
    low, high = max(info.min, -(2**53)), min(info.max, 2**53)
    return random.integers(low, high, shape, dtype=np.int64 if low < 0 else np.uint64).astype(kind)


def affine(directions=DIRECTIONS, origin=ORIGIN, flip=LPS):
    matrix = np.eye(4)
    matrix[:3, :3] = np.asarray(directions).T
    matrix[:3, 3] = origin
    return flip @ matrix


def add(name, files, first, array, matrix):
    """`array` is indexed (i, j, k), or (channel, i, j, k)."""
    array = np.asarray(array)
    cases.append(
        {
            "name": name,
            "files": {key: content.hex() for key, content in files.items()},
            "path": first,
            "channels": array.shape[0] if array.ndim == 4 else 1,
            "shape": list(array.shape[-3:]),
            "affine": np.asarray(matrix).tolist(),
            "values": array.astype(float).ravel().tolist(),
        }
    )


def folder_files(folder):
    return {p.name: p.read_bytes() for p in sorted(pathlib.Path(folder).iterdir())}


def by_itk(path):
    """Array (i, j, k) or (channel, i, j, k), and affine, as ITK reads them."""
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image)
    vector = image.GetNumberOfComponentsPerPixel() > 1
    array = np.moveaxis(array, -1, 0).transpose(0, 3, 2, 1) if vector else array.T
    direction = np.array(image.GetDirection()).reshape(3, 3)
    matrix = np.eye(4)
    matrix[:3, :3] = direction * np.array(image.GetSpacing())
    matrix[:3, 3] = image.GetOrigin()
    return array, LPS @ matrix


def itk_image(array):
    """An image of `array` (i, j, k) or (channel, i, j, k), askew but with axes at right angles."""
    if array.ndim == 4:
        image = sitk.GetImageFromArray(
            np.ascontiguousarray(array.transpose(3, 2, 1, 0)), isVector=True
        )
    else:
        image = sitk.GetImageFromArray(np.ascontiguousarray(array.T))
    rotation = sitk.Euler3DTransform()
    rotation.SetRotation(0.2, -0.3, 0.5)
    image.SetDirection(rotation.GetMatrix())
    image.SetSpacing((0.7, 1.1, 2.3))
    image.SetOrigin((-31.5, 12.25, 7.0))
    return image


def itk():
    for ending in ["nrrd", "nhdr", "mha", "mhd"]:
        for kind in TYPES:
            compress = TYPES.index(kind) % 2 == 1
            with tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/a.{ending}"
                sitk.WriteImage(itk_image(values(kind)), path, compress)
                array, matrix = by_itk(path)
                add(f"ITK {ending} {kind}", folder_files(folder), f"a.{ending}", array, matrix)
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/a.{ending}"
            sitk.WriteImage(itk_image(values("i2", (3, *SHAPE))), path, False)
            array, matrix = by_itk(path)
            add(f"ITK {ending} vectors", folder_files(folder), f"a.{ending}", array, matrix)


def pynrrd():
    for kind in TYPES:
        for order in "<>":
            encoding = ["raw", "gzip", "ascii"][len(cases) % 3]
            array = values(kind).astype(order + kind)
            header = {
                "space": "left-posterior-superior",
                "space directions": DIRECTIONS,
                "space origin": ORIGIN,
                "encoding": encoding,
                "endian": "little" if order == "<" else "big",
            }
            stream = io.BytesIO()
            nrrd.write(stream, array, header)
            add(
                f"pynrrd {order}{kind} {encoding}",
                {"a.nrrd": stream.getvalue()},
                "a.nrrd",
                array,
                affine(),
            )
    flips = {"right-anterior-superior": np.eye(4), "left-anterior-superior": np.diag([-1, 1, 1, 1.0])}
    for space, flip in flips.items():
        stream = io.BytesIO()
        array = values("i2")
        header = {
            "space": space,
            "space directions": DIRECTIONS,
            "space origin": ORIGIN,
            "encoding": "raw",
        }
        nrrd.write(stream, array, header)
        add(f"pynrrd {space}", {"a.nrrd": stream.getvalue()}, "a.nrrd", array, affine(flip=flip))
    # Channels along the first axis and along the last.
    array = values("f4", (*SHAPE, 5))
    for axis, kinds in [(0, ["list"] + 3 * ["domain"]), (3, 3 * ["domain"] + ["list"])]:
        directions = list(DIRECTIONS)
        directions.insert(axis, np.full(3, np.nan))
        header = {
            "space": "left-posterior-superior",
            "space directions": np.array(directions),
            "space origin": ORIGIN,
            "kinds": kinds,
            "encoding": "gzip",
        }
        stream = io.BytesIO()
        nrrd.write(stream, np.moveaxis(array, -1, axis), header)
        expected = np.moveaxis(array, -1, 0)
        add(f"pynrrd channels {axis}", {"a.nrrd": stream.getvalue()}, "a.nrrd", expected, affine())
    # Spacings alone; two dimensions; four without kinds.
    stream = io.BytesIO()
    array = values("u1")
    nrrd.write(stream, array, {"spacings": [0.5, 0.75, 2.0], "encoding": "raw"})
    add(
        "pynrrd spacings",
        {"a.nrrd": stream.getvalue()},
        "a.nrrd",
        array,
        affine(np.diag([0.5, 0.75, 2.0]), 0),
    )
    stream = io.BytesIO()
    array = values("u1")[:, :, 0]
    nrrd.write(stream, array, {"spacings": [0.5, 0.75], "encoding": "raw"})
    add(
        "pynrrd two dimensions",
        {"a.nrrd": stream.getvalue()},
        "a.nrrd",
        array[:, :, None],
        affine(np.diag([0.5, 0.75, 1.0]), 0),
    )


def text_header(**fields):
    lines = {
        "type": "short",
        "dimension": "3",
        "space": "LPS",
        "sizes": "4 3 2",
        "space directions": " ".join("(" + ",".join(map(str, row)) + ")" for row in DIRECTIONS),
        "endian": "little",
        "encoding": "raw",
        "space origin": "(" + ",".join(map(str, ORIGIN)) + ")",
    }
    lines.update({key.replace("_", " "): value for key, value in fields.items()})
    return ("NRRD0004\n# by hand\n" + "".join(f"{k}: {v}\n" for k, v in lines.items())).encode()


def by_hand():
    array = values("i2")
    raw = array.astype("<i2").tobytes(order="F")

    def check(name, files, first="a.nhdr", readers=("itk", "pynrrd")):
        with tempfile.TemporaryDirectory() as folder:
            for key, content in files.items():
                (pathlib.Path(folder) / key).write_bytes(content)
            path = os.path.join(folder, first)
            if "itk" in readers:
                found, matrix = by_itk(path)
                assert (found == array).all(), name
                # ITK refuses axes that are not at right angles to one another and corrects others.
            if "pynrrd" in readers:
                assert (nrrd.read(path)[0] == array).all(), name
        add(name, files, first, array, affine())

    note = b"key:=value: with a colon\r\n"
    check("no empty line in sight", {"a.nhdr": text_header(data_file="a.raw") + note, "a.raw": raw},
          readers=("itk",))
    check("byte skip", {"a.nhdr": text_header(data_file="a.raw", byte_skip=5), "a.raw": b"12345" + raw},
          readers=("pynrrd",))
    check("byte skip -1", {"a.nhdr": text_header(data_file="a.raw", byteskip=-1), "a.raw": b"123" + raw},
          readers=("pynrrd",))
    check(
        "line skip",
        {"a.nhdr": text_header(data_file="a.raw", line_skip=2), "a.raw": b"one\ntwo\n" + raw},
        readers=("pynrrd",),
    )
    check(
        "line and byte skip of gzip",
        {
            "a.nhdr": text_header(data_file="a.gz", lineskip=1, byteskip=3, encoding="gz"),
            "a.gz": b"line\n" + gzip.compress(b"123" + raw, mtime=0),
        },
        # pynrrd skips the bytes before it decompresses; teem, whose format it is, behind that.
        readers=("itk",),
    )
    check(
        "a list of files",
        {
            "a.nhdr": text_header(data_file="LIST") + b"x.raw\ny.raw\n",
            "x.raw": raw[:24],
            "y.raw": raw[24:],
        },
        readers=("itk",),
    )
    check(
        "a pattern of files",
        {
            "a.nhdr": text_header(data_file="s%03d.raw 5 7 2"),
            "s005.raw": raw[:24],
            "s007.raw": raw[24:],
        },
        readers=("itk",),
    )
    check(
        "hexadecimal",
        {"a.nrrd": text_header(encoding="hex") + b"\n" + raw.hex("\n", 7).upper().encode()},
        "a.nrrd",
        readers=("itk",),
    )
    check(
        "text with commas and carriage returns",
        {
            "a.nrrd": text_header(encoding="text").replace(b"\n", b"\r\n")
            + b"\r\n"
            + ",\r\n".join(map(str, array.ravel(order="F"))).encode()
        },
        "a.nrrd",
        readers=("itk",),
    )

    def meta(data, *lines, size="4 3 2", kind="MET_SHORT", dimensions=3):
        matrix = " ".join(map(str, (DIRECTIONS / [[2.0], [4.0], [8.0]]).ravel()))
        text = [f"ObjectType = Image", f"NDims = {dimensions}", "BinaryData = True", *lines]
        text += [f"TransformMatrix = {matrix}", "Offset = " + " ".join(map(str, ORIGIN))]
        text += ["ElementSpacing = 2 4 8", f"DimSize = {size}", f"ElementType = {kind}"]
        return "".join(line + "\n" for line in text + [f"ElementDataFile = {data}"]).encode()

    def check_meta(name, files, first="a.mhd", itk=True):
        with tempfile.TemporaryDirectory() as folder:
            for key, content in files.items():
                (pathlib.Path(folder) / key).write_bytes(content)
            if itk:
                assert (by_itk(os.path.join(folder, first))[0] == array).all(), name
        add(name, files, first, array, affine())

    check_meta("MetaImage, plain", {"a.mha": meta("LOCAL") + raw}, "a.mha")
    check_meta(
        "MetaImage, the most significant byte first",
        {"a.mha": meta("LOCAL", "ElementByteOrderMSB = True") + array.astype(">i2").tobytes(order="F")},
        "a.mha",
    )
    check_meta(
        "MetaImage, compressed",
        {"a.mha": meta("LOCAL", "CompressedData = True") + zlib.compress(raw)},
        "a.mha",
        itk=False,
    )
    check_meta(
        "MetaImage, header size",
        {"a.mhd": meta("a.raw", "HeaderSize = 7"), "a.raw": b"1234567" + raw},
    )
    check_meta(
        "MetaImage, header size -1",
        {"a.mhd": meta("a.raw", "HeaderSize = -1"), "a.raw": b"1234567" + raw},
    )
    check_meta(
        "MetaImage, a list of files",
        {"a.mhd": meta("LIST") + b"x.raw\ny.raw\n", "x.raw": raw[:24], "y.raw": raw[24:]},
    )
    check_meta(
        "MetaImage, a pattern of files",
        {"a.mhd": meta("s%02d.raw 1 2 1"), "s01.raw": raw[:24], "s02.raw": raw[24:]},
    )
    text = meta("LOCAL").replace(b"BinaryData = True", b"BinaryData = False")
    check_meta(
        "MetaImage, text",
        {"a.mha": text + " ".join(map(str, array.ravel(order="F"))).encode() + b"\n"},
        "a.mha",
    )


def numpy():
    for kind in ["?", "f2"] + TYPES:
        for order in "<>":
            array = (
                random.integers(0, 2, SHAPE).astype("?")
                if kind == "?"
                else random.normal(0, 100, SHAPE).astype("f2")
                if kind == "f2"
                else values(kind)
            ).astype(order + kind)
            if len(cases) % 2:
                array = np.asfortranarray(array)
            stream = io.BytesIO()
            np.lib.format.write_array(stream, array, version=(1 + len(cases) % 3, 0))
            add(f"NumPy {order}{kind}", {"a.npy": stream.getvalue()}, "a.npy", array, np.eye(4))
    for order in "CF":
        stream = io.BytesIO()
        array = np.array(values("f4", (5, *SHAPE)), order=order)
        np.save(stream, array)
        add(f"NumPy channels {order}", {"a.npy": stream.getvalue()}, "a.npy", array, np.eye(4))
    stream = io.BytesIO()
    array = values("u2", (4, 3))
    np.save(stream, array)
    add("NumPy two axes", {"a.npy": stream.getvalue()}, "a.npy", array[:, :, None], np.eye(4))
    # Halves at the ends of their range: subnormal, largest, signed zero.
    stream = io.BytesIO()
    array = np.array([0, 1, 0x3FF, 0x400, 0x7BFF, 0x8000, 0x8001, 0xFBFF], "u2").view("f2")
    np.save(stream, array)
    add("NumPy halves", {"a.npy": stream.getvalue()}, "a.npy", array[:, None, None], np.eye(4))
    for name, save in [("stored", np.savez), ("deflated", np.savez_compressed)]:
        stream = io.BytesIO()
        array = values("i2")
        save(stream, other=np.zeros(3), data=array, affine=affine())
        add(f"npz {name}", {"a.npz": stream.getvalue()}, "a.npz", array, affine())
    stream = io.BytesIO()
    np.savez(stream, array)
    add("npz of one array", {"a.npz": stream.getvalue()}, "a.npz", array, np.eye(4))


itk()
pynrrd()
by_hand()
numpy()
path = pathlib.Path(__file__).parent / "formats.json"
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(len(cases), "cases")
