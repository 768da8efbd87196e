#!/usr/bin/env python3
"""Time training patches with the full augmentation in TorchIO or MONAI, in one thread.

The work is that of `segmpi bench patches`: a patch is cut from a volume half as large again along each
axis (one channel and labels), turned, resized and bent, flipped, given noise, blurred, its gamma,
brightness and bias field changed; every step happens to every patch. Each library is given its
fastest way: only the patch is transformed, not the volume, and MONAI's affine and elastic changes are
one interpolation. TorchIO has no change of brightness, and is spared it.

Prints one line of JSON.
"""

import argparse
import json
import os
import statistics
import time
import warnings

# Before the libraries start their threads.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"):
    os.environ[variable] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402


def make_torchio(image, labels, extent):
    import torchio as tio

    transform = tio.Compose([
        tio.RandomAffine(scales=(0.85, 1.25), degrees=15, isotropic=True, image_interpolation="linear"),
        # Control points 16 voxels apart, two of them beyond the patch on either side.
        tio.RandomElasticDeformation(num_control_points=extent // 16 + 3, max_displacement=4, locked_borders=0),
        tio.RandomFlip(axes=(0, 1, 2), flip_probability=0.5),
        tio.RandomNoise(std=(0.05, 0.2)),
        tio.RandomBlur(std=(0.5, 1.5)),
        tio.RandomGamma(log_gamma=(-0.35, 0.4)),
        tio.RandomBiasField(coefficients=0.3, order=3),
    ])
    subject = tio.Subject(
        image=tio.ScalarImage(tensor=image), label=tio.LabelMap(tensor=labels))
    sampler = tio.UniformSampler(extent)

    def draw():
        patch = transform(next(sampler(subject, 1)))
        return patch["image"].data, patch["label"].data

    return draw, f"torchio-{tio.__version__}"


def make_monai(image, labels, extent):
    import monai
    from monai import transforms as t

    keys = ["image", "label"]
    angle = float(np.deg2rad(15))
    transform = t.Compose([
        t.RandSpatialCropd(keys, roi_size=(extent,) * 3, random_size=False),
        # A displacement a voxel, smoothed; the affine change is part of the same interpolation.
        t.Rand3DElasticd(keys, sigma_range=(5, 8), magnitude_range=(50, 150), prob=1, rotate_range=(angle,) * 3,
                         scale_range=(0.2,) * 3, mode=("bilinear", "nearest"), padding_mode="zeros"),
        t.RandFlipd(keys, prob=0.5, spatial_axis=0), t.RandFlipd(keys, prob=0.5, spatial_axis=1),
        t.RandFlipd(keys, prob=0.5, spatial_axis=2),
        t.RandGaussianNoised("image", prob=1, std=0.2),
        t.RandGaussianSmoothd("image", sigma_x=(0.5, 1.5), sigma_y=(0.5, 1.5), sigma_z=(0.5, 1.5), prob=1),
        t.RandAdjustContrastd("image", prob=1, gamma=(0.7, 1.5)),
        t.RandScaleIntensityd("image", factors=0.25, prob=1),
        t.RandBiasFieldd("image", degree=3, coeff_range=(0, 0.3), prob=1),
    ])
    data = {"image": image, "label": labels}

    def draw():
        patch = transform(data)
        return patch["image"], patch["label"]

    return draw, f"monai-{monai.__version__}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", choices=["torchio", "monai"], required=True)
    parser.add_argument("--extent", type=int, default=64)
    parser.add_argument("--repetitions", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    shape = (1,) + (arguments.extent + arguments.extent // 2,) * 3
    image = torch.randn(shape)
    labels = (torch.arange(image.numel()).reshape(shape) // 97 % 3).to(torch.uint8)
    make = make_torchio if arguments.library == "torchio" else make_monai
    draw, engine = make(image, labels, arguments.extent)
    times = []
    for number in range(arguments.repetitions + 1):
        start = time.perf_counter()
        patch, classes = draw()
        elapsed = (time.perf_counter() - start) * 1000
        assert tuple(patch.shape[-3:]) == tuple(classes.shape[-3:]) == (arguments.extent,) * 3
        if number > 0:
            times.append(elapsed)
    median = statistics.median(times)
    print(json.dumps({
        "extent": arguments.extent, "patchesPerSecond": 1000 / median, "patchMilliseconds": median,
        "minimumMilliseconds": min(times), "maximumMilliseconds": max(times),
        "repetitions": len(times), "engine": f"{engine}, torch-{torch.__version__}",
    }))


if __name__ == "__main__":
    main()
