"""DICOM series for formats.py: written with pydicom, placed in space as ITK (GDCM) reads them."""

import subprocess

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless
from pydicom.uid import MRImageStorage, generate_uid

ROWS, COLUMNS, SLICES = 40, 36, 4
# Directions of a row and a column of pixels, and of the slices (LPS): axial, sagittal, coronal, oblique.
A, B = np.cos(0.3), np.sin(0.3)
PLANES = {
    "axial": ([1, 0, 0], [0, 1, 0]),
    "sagittal": ([0, 1, 0], [0, 0, -1]),
    "coronal": ([1, 0, 0], [0, 0, -1]),
    "oblique": ([A, B, 0], [0, 0, -1]),
}
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big-endian": ExplicitVRBigEndian,
    "run-length": RLELossless,
    "JPEG 2000": JPEG2000Lossless,
    "JPEG-LS": JPEGLSLossless,
}
PLAIN = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def voxels(random):
    """Numbers (slice, row, column) that are all different."""
    numbers = random.permutation(ROWS * COLUMNS * SLICES).astype("u2")
    return numbers.reshape(SLICES, ROWS, COLUMNS) + np.uint16(100)


def write(folder, values, row, column, syntax, random):
    """A series of `values`, in files whose names say nothing of their order."""
    folder.mkdir()
    study, series = generate_uid(), generate_uid()
    normal = np.cross(row, column)
    for index in random.permutation(SLICES):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = syntax if syntax in PLAIN else ExplicitVRLittleEndian
        data = Dataset()
        data.file_meta = meta
        data.SOPClassUID = MRImageStorage
        data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID = study, series
        data.Modality, data.Manufacturer, data.PatientName = "MR", "Phantom", "Phantom"
        data.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
        data.SeriesNumber, data.InstanceNumber = 1, int(index) + 1
        data.ImagePositionPatient = [float(x) for x in np.array([10.0, -20, 30]) + 2.5 * index * normal]
        data.ImageOrientationPatient = [*map(float, row), *map(float, column)]
        data.PixelSpacing, data.SliceThickness = [0.75, 0.5], 2.5
        data.Rows, data.Columns, data.SamplesPerPixel = ROWS, COLUMNS, 1
        data.PhotometricInterpretation = "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
        data.PixelData = values[index].astype(">u2" if syntax == ExplicitVRBigEndian else "<u2").tobytes()
        data["PixelData"].VR = "OW"
        if syntax not in PLAIN:
            data.compress(syntax)
        path = folder / f"{random.integers(1 << 30)}"
        pydicom.dcmwrite(path, data, enforce_file_format=True)


def places(values, affine):
    """The values in ascending order, and their places in space: the same wherever axes begin and run."""
    order = np.argsort(values.ravel())
    index = np.stack(np.unravel_index(order, values.shape) + (np.ones(values.size),))
    return np.sort(values.ravel()), (affine @ index)[:3].T


def by_gdcm(folder):
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    image = sitk.ReadImage(names)
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    values = sitk.GetArrayFromImage(image).astype(np.float64).T
    return places(values, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)


def cases(folder, convert, by_nibabel):
    """(name, expected, found) for each plane and transfer syntax that this dcm2niix was built with."""
    random = np.random.default_rng(3)
    version = subprocess.run(["dcm2niix", "--version"], capture_output=True, text=True).stdout
    syntaxes = dict(SYNTAXES)
    if "JP-LS" not in version:
        print("dcm2niix was built without CharLS: JPEG-LS is left out")
        del syntaxes["JPEG-LS"]
    for index, ((plane, (row, column)), (name, syntax)) in enumerate(
        (p, s) for p in PLANES.items() for s in syntaxes.items()
    ):
        series = folder / f"dicom-{index}"
        values = voxels(random)
        write(series, values, row, column, syntax, random)
        # GDCM reads the same voxels uncompressed.
        plain = folder / f"dicom-plain-{index}"
        write(plain, values, row, column, ExplicitVRLittleEndian, random)
        target = folder / f"dicom-{index}.nii"
        yield f"{plane} {name}", lambda s=plain: by_gdcm(s), lambda s=series, t=target: places(
            *by_nibabel(convert(s, t))
        )
