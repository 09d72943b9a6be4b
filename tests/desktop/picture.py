"""What can be seen in a screenshot: colours, the panel, words with their places."""

import csv
import io
import subprocess
from collections import Counter

from PIL import Image

# Height of the panel in xfce4-panel.xml.
PANEL = 30
SCALE = 3


class Picture:
    """A screenshot of the desktop as the browser showed it."""

    def __init__(self, png):
        self.png = png
        self.image = Image.open(io.BytesIO(png)).convert("RGB")
        self.width, self.height = self.image.size

    def colours(self, box=None):
        """How many pixels have which colour, in a part of the picture."""
        part = self.image.crop(box) if box else self.image
        return Counter(dict((colour, count) for count, colour in part.getcolors(1 << 24)))

    def words(self, box, language, dark=False):
        """Words read in a part of the picture, with the middle of each in the whole. `dark`: light text on a dark ground."""
        part = self.image.crop(box).convert("L")
        if dark:
            # White letters with a soft shadow: what is nearly white becomes black on white.
            part = part.point(lambda value: 0 if value > 170 else 255)
        part = part.resize((part.width * SCALE, part.height * SCALE), Image.LANCZOS)
        file = io.BytesIO()
        part.save(file, "PNG")
        read = subprocess.run(
            ["tesseract", "-", "-", "-l", language, "--psm", "11", "tsv"],
            input=file.getvalue(), capture_output=True, check=True,
        ).stdout.decode()
        words = []
        for row in csv.DictReader(io.StringIO(read), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["text"] and row["text"].strip():
                x = box[0] + (int(row["left"]) + int(row["width"]) // 2) // SCALE
                y = box[1] + (int(row["top"]) + int(row["height"]) // 2) // SCALE
                words.append((row["text"].strip(), x, y))
        return words

    def save(self, path):
        """Writes it with a palette, which is small and loses nothing that an eye could see."""
        self.image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def find(words, wanted):
    """The place of a word among words."""
    for word, x, y in words:
        if wanted in word:
            return x, y
    raise AssertionError(f"{wanted!r} is not to be seen; seen: {[word for word, _, _ in words]}")
