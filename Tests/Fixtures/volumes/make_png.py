"""Writes png.json: small PNG files of every kind, and the samples that they hold.

Pillow 13.0.0 wrote or read what it can; kinds that it lacks (16-bit color, interlaced) are put together
here from the PNG specification with Python's zlib. Run: python3 make_png.py
"""

import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(samples, depth, color, interlaced=False, more=b""):
    """A PNG file of `samples` (rows, columns, channels), filter 0 everywhere."""
    height, width, _ = samples.shape
    kind = ">u2" if depth == 16 else "u1"
    steps = (
        [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        if interlaced
        else [(0, 0, 1, 1)]
    )
    data = b""
    for top, left, down, right in steps:
        part = samples[top::down, left::right]
        for row in part if part.size else []:
            if depth < 8:
                bits = ((row.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
                data += b"\0" + np.packbits(bits.ravel()).tobytes()
            else:
                data += b"\0" + row.astype(kind).tobytes()
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def main():
    random = np.random.default_rng(7)
    cases = []

    def add(name, content, samples, depth):
        samples = samples.reshape(samples.shape[0], samples.shape[1], -1)
        cases.append(
            {
                "name": name,
                "content": content.hex(),
                "shape": list(samples.shape),
                "depth": depth,
                "samples": samples.ravel().tolist(),
            }
        )

    def pillow(name, image, samples, depth):
        stream = io.BytesIO()
        image.save(stream, "PNG")
        add(name, stream.getvalue(), samples, depth)

    gray = random.integers(0, 256, (5, 7), dtype=np.uint8)
    deep = random.integers(0, 65536, (5, 7), dtype=np.uint16)
    color = random.integers(0, 256, (4, 3, 3), dtype=np.uint8)
    pillow("gray", Image.fromarray(gray), gray, 8)
    pillow("gray 16", Image.fromarray(deep), deep, 16)
    pillow("color", Image.fromarray(color), color, 8)
    indices = random.integers(0, 4, (5, 7), dtype=np.uint8)
    palette = Image.fromarray(indices, "P")
    palette.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    pillow("palette", palette, np.asarray(palette), 8)
    alpha = random.integers(0, 256, (4, 3, 4), dtype=np.uint8)
    pillow("color with transparency", Image.fromarray(alpha), alpha[..., :3], 8)
    alpha = random.integers(0, 256, (4, 3, 2), dtype=np.uint8)
    pillow("gray with transparency", Image.fromarray(alpha, "LA"), alpha[..., 0], 8)

    # A gamma that asks for other samples on a screen: voxels must not follow it.
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    content = png(gray[..., None], 8, 0, more=gamma)
    assert (np.asarray(Image.open(io.BytesIO(content))) == gray).all()
    add("gray with a gamma", content, gray, 8)
    add("gray 16 with a gamma", png(deep[..., None], 16, 0, more=gamma), deep, 16)
    content = png(gray[..., None], 8, 0, interlaced=True)
    assert (np.asarray(Image.open(io.BytesIO(content))) == gray).all()
    add("gray interlaced", content, gray, 8)
    add("gray 16 interlaced", png(deep[..., None], 16, 0, interlaced=True), deep, 16)
    deep = random.integers(0, 65536, (4, 3, 3), dtype=np.uint16)
    add("color 16", png(deep, 16, 2), deep, 16)
    for depth in [1, 2, 4]:
        small = random.integers(0, 1 << depth, (5, 7), dtype=np.uint8)
        add(f"gray of {depth} bits", png(small[..., None], depth, 0), small, 8)

    path = pathlib.Path(__file__).parent / "png.json"
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
