"""Builds docs.warc.gz from three Debian documentation packages, byte for byte the same each time.

    python examples/data/build.py            # apt-get downloads the packages into a temporary folder
    python examples/data/build.py --debs D   # or takes them from a folder (old versions: https://snapshot.debian.org)

`pages.tsv` names every page with its sha256, so that a package of another version is refused and not used silently; the
cost is that the list must be made anew when the packages change. Dates, IP addresses and servers are made up; bodies are
the packages' own, except for the copies that `made_up.py` changes and labels. README.md says what is in there and why.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from made_up import PACKAGE_VERSIONS, changed_copies, copies, damage, odd_responses
from record import Capture, Page, WarcFile, encode_body

HERE = Path(__file__).parent
TARGET = HERE / "docs.warc.gz"


def main() -> None:
    """Write docs.warc.gz and duplicates.tsv beside this file, and print what is in them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--debs", type=Path, help="folder with the .deb files; default: download them by apt-get")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        debs = arguments.debs or download(Path(folder))
        pages = list(read_pages(debs))
    twins = [*copies(pages), *changed_copies(pages)]
    content = archive([*pages, *(page for page, _, _ in twins)])
    arguments.output.write_bytes(content)
    write_duplicates(arguments.output.with_name("duplicates.tsv"), twins)
    print(f"{arguments.output}: {len(pages)} pages, {len(twins)} copies, {len(content):,} bytes")


def download(folder: Path) -> Path:
    """The packages of PACKAGE_VERSIONS, from the Debian mirror that apt is set up for."""
    for package, version in PACKAGE_VERSIONS.items():
        subprocess.run(["apt-get", "download", f"{package}={version}"], cwd=folder, check=True)  # noqa: S607 (found on PATH)
    return folder


def read_pages(debs: Path) -> Iterator[Page]:
    """The pages of pages.tsv in its order; SystemExit names a package that is missing and a page that differs."""
    rows = list(csv.DictReader((HERE / "pages.tsv").open(encoding="utf-8"), delimiter="\t"))
    files = {package: package_files(debs, package) for package in PACKAGE_VERSIONS}
    for row in rows:
        body = files[row["package"]].get(row["path"], b"")
        if hashlib.sha256(body).hexdigest() != row["sha256"]:
            version = PACKAGE_VERSIONS[row["package"]]
            raise SystemExit(
                f"{row['package']}: {row['path']} is not the page listed in pages.tsv; version {version} is needed"
            )
        yield Page(row["url"], body, row["charset"], row["language"])


def package_files(debs: Path, package: str) -> dict[str, bytes]:
    """Path in the package to content, for its HTML files."""
    found = sorted(debs.glob(f"{package}_*.deb"))
    if not found:
        raise SystemExit(f"{debs}: no {package}_*.deb; run without --debs to download it")
    unpack = ["dpkg-deb", "--fsys-tarfile", str(found[0])]
    listing = subprocess.run(unpack, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(listing)) as tar:
        members = [member for member in tar if member.isfile() and member.name.endswith(".html")]
        return {member.name.removeprefix("./"): _read(tar, member) for member in members}


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""


def archive(pages: list[Page]) -> bytes:
    """The whole file: pages in an order that mixes sites and languages, odd responses between them, then the damage."""
    warc = WarcFile("docs.warc.gz")
    odd = odd_responses()
    ordered = sorted(pages, key=lambda page: hashlib.sha256(page.url.encode()).digest())
    every = len(ordered) // len(odd)
    for number, page in enumerate(ordered):
        sent = encode_body(page)
        warc.add(Capture(sent.url, "200 OK", sent.headers, sent.body))
        if number % every == every - 1 and odd:
            warc.add(odd.pop(0))
    for capture in odd:
        warc.add(capture)
    return damage(warc.members)


def write_duplicates(path: Path, twins: list[tuple[Page, str, str]]) -> None:
    """One row a copy: its URL, the URL it was copied from, and how it was made."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["url", "copy_of", "how"])
        writer.writerows([page.url, original, how] for page, original, how in twins)


if __name__ == "__main__":
    main()
