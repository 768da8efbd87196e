"""Writes corpus/: a few tiny files a reader, to start fuzzing and mutation from.

Most are cases of Tests/Fixtures/volumes/{formats,png}.json; NIfTI by nibabel 5.4.2. Two files of one
volume stand in one, with a divider between them (Tests/ReaderProbe/ReaderProbe.swift).

Run: python3 make_corpus.py
"""

import gzip
import json
import pathlib
import tempfile

import nibabel
import numpy as np

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "Fixtures" / "volumes"
DIVIDER = b"\n====\n"


def save(reader, name, content):
    folder = HERE / "corpus" / reader
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name.replace(" ", "-").replace(",", "").replace("<", "l").replace(">", "b")).write_bytes(content)


def joined(case):
    files = {name: bytes.fromhex(content) for name, content in case["files"].items()}
    first = files.pop(case["path"])
    return first + DIVIDER + next(iter(files.values())) if files else first


wanted = {
    "nrrd": [
        "ITK nrrd i2", "ITK nrrd f4", "ITK nhdr u1", "ITK nrrd vectors", "pynrrd >i2 gzip", "pynrrd spacings",
        "pynrrd right-anterior-superior", "byte skip -1", "line skip", "line and byte skip of gzip",
        "a list of files", "a pattern of files", "hexadecimal", "text with commas and carriage returns",
    ],
    "metaimage": [
        "ITK mha u1", "ITK mha i2", "ITK mhd f4", "ITK mha vectors", "MetaImage, plain",
        "MetaImage, compressed", "MetaImage, header size -1", "MetaImage, a list of files",
        "MetaImage, a pattern of files", "MetaImage, text",
    ],
    "npy": ["NumPy <i2", "NumPy >f8", "NumPy <f2", "NumPy >u1", "NumPy channels F", "NumPy halves"],
    "npz": ["npz stored", "npz deflated", "npz of one array"],
}
cases = {case["name"]: case for case in json.loads((FIXTURES / "formats.json").read_text())}
for reader, names in wanted.items():
    for name in names:
        save(reader, name, joined(cases[name]))

pictures = {case["name"]: bytes.fromhex(case["content"]) for case in json.loads((FIXTURES / "png.json").read_text())}
for name in ["gray", "gray 16 interlaced", "palette", "color", "color with transparency", "gray of 1 bits"]:
    save("png", name, pictures[name])
save("png", "two slices", pictures["gray"] + DIVIDER + pictures["gray with a gamma"])

values = np.arange(24).reshape(2, 3, 4)
affine = np.array([[1.5, -0.2, 0.25, -31.5], [0.1, 2.25, -0.4, 12.25], [0, 0.3, 3, 7], [0, 0, 0, 1]])
for kind, image in [("i2", nibabel.Nifti1Image), ("f4", nibabel.Nifti2Image)]:
    content = image(values.astype(kind), affine).to_bytes()
    save("nifti", f"single {kind}", content)
    save("nifti", f"compressed {kind}", gzip.compress(content, mtime=0))
pair = nibabel.Nifti1Pair(
    values.astype(">u2"), affine, nibabel.nifti1.Nifti1PairHeader(endianness=">")
)
pair.header.set_slope_inter(2, 1)
with tempfile.TemporaryDirectory() as folder:
    nibabel.save(pair, f"{folder}/a.hdr")
    parts = [(pathlib.Path(folder) / name).read_bytes() for name in ["a.hdr", "a.img"]]
save("nifti", "pair", DIVIDER.join(parts))
four = nibabel.Nifti1Image(np.zeros((2, 2, 2, 3), "u1"), None)
four.header.set_qform(np.diag([1, 2, 3, 1]), 1)
save("nifti", "four dimensions", four.to_bytes())
