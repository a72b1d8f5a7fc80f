"""The peers of `make bench` that are Python packages.

A request is one line of JSON on standard input: {"peer": NAME, "repeat": N, ...}. The answer is one line on standard
output: {"name": what it is, "ms": [time of each repetition], ...} or {"error": reason}. State stays between requests, so
that a peer is measured as warm as ours.
"""
import importlib.metadata
import json
import os
import re
import sqlite3
import sys
import threading
import time


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def timed(repeat, work):
    times = []
    for turn in range(repeat):
        start = time.perf_counter()
        work(turn)
        times.append((time.perf_counter() - start) * 1000)
    return times


# Guidance: the catalogue's own conditions as one decision table of GoRules' ZEN engine.

def zen_expression(cel):
    """CEL and ZEN differ, as far as the catalogue goes, in the words for and, or, not."""
    text = re.sub(r"!(?!=)\(", "not (", cel)
    text = re.sub(r"!(?!=)([a-z_.]+)", r"not(\1)", text)
    return text.replace("&&", " and ").replace("||", " or ")


class Zen:
    def __init__(self, rules):
        import zen
        columns = [{"id": "event", "name": "event", "field": "event.kind"}, {"id": "when", "name": "when"}]
        rows = [{
            "_id": str(at),
            "event": json.dumps(rule["event"]),
            "when": " and ".join(f"({zen_expression(one)})" for one in rule["when"]) or "true",
            "procedure": json.dumps(rule["procedure"]),
            "each": json.dumps(rule["each"]),
        } for at, rule in enumerate(rules)]
        outputs = [{"id": name, "name": name, "field": name} for name in ("procedure", "each")]
        table = {"hitPolicy": "collect", "inputs": columns, "outputs": outputs, "rules": rows}
        graph = {
            "nodes": [
                {"id": "in", "name": "in", "type": "inputNode"},
                {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
                {"id": "out", "name": "out", "type": "outputNode"},
            ],
            "edges": [
                {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
                {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
            ],
        }
        self.decision = zen.ZenEngine().create_decision(json.dumps(graph))

    def hits(self, contexts):
        return [hit for context in contexts for hit in self.decision.evaluate(context)["result"]]


engines = {}


def zen_engine(ask):
    if "zen" not in engines:
        engines["zen"] = Zen(ask["rules"])
    engine, contexts = engines["zen"], ask["contexts"]
    hits = sorted({(hit["procedure"], hit["each"]) for hit in engine.hits(contexts)})
    return {"name": version("zen-engine"), "hits": hits, "ms": timed(ask["repeat"], lambda _: engine.hits(contexts))}


# Paper.

def weasyprint(ask):
    from weasyprint import HTML
    pages = [ask["html"].replace("{turn}", str(turn)) for turn in range(ask["repeat"] + 1)]
    HTML(string=pages.pop()).write_pdf()  # the first one reads fonts
    return {"name": version("weasyprint"), "ms": timed(ask["repeat"], lambda turn: HTML(string=pages[turn]).write_pdf())}


def escpos(ask):
    from PIL import Image, ImageDraw, ImageFont
    from escpos.printer import Dummy
    fonts = {}

    def receipt(turn):
        picture = Image.new("1", (576, 4000), 1)
        pen = ImageDraw.Draw(picture)
        top = 0
        for text, size in ask["lines"]:
            if size not in fonts:
                fonts[size] = ImageFont.truetype(ask["font"], size)
            pen.text((12, top), text.replace("{turn}", str(turn)), fill=0, font=fonts[size])
            top += size * 3 // 2
        printer = Dummy()
        printer.image(picture.crop((0, 0, 576, top)), impl="bitImageRaster", center=False)
        return printer.output

    size = len(receipt(0))
    return {"name": f"{version('python-escpos')}, {version('pillow')}", "bytes": size, "ms": timed(ask["repeat"], receipt)}


# Queue: every record in a transaction of its own that is on the disk before the next one.

def connection(path):
    base = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=full")
    base.execute("create table if not exists queue(place integer primary key, id blob unique, sealed blob)")
    return base


def insert(base, sealed):
    base.execute("insert into queue(id, sealed) values (?, ?)", (os.urandom(16), sealed))


def sqlite(ask):
    if "sqlite" not in engines:
        engines["sqlite"] = connection(ask["path"])
    sealed = os.urandom(ask["bytes"])
    return {"name": f"SQLite {sqlite3.sqlite_version} WAL FULL",
            "ms": timed(ask["repeat"], lambda _: insert(engines["sqlite"], sealed))}


def sqlite_writers(ask):
    bases = [connection(ask["path"]) for _ in range(ask["writers"])]
    sealed = os.urandom(ask["bytes"])

    def write(base):
        for _ in range(ask["repeat"]):
            insert(base, sealed)

    writers = [threading.Thread(target=write, args=(base,)) for base in bases]
    start = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return {"name": f"SQLite {sqlite3.sqlite_version} WAL FULL", "ms": [(time.perf_counter() - start) * 1000]}


PEERS = {"zen": zen_engine, "weasyprint": weasyprint, "escpos": escpos, "sqlite": sqlite, "sqlite_writers": sqlite_writers}


def main():
    answers, sys.stdout = sys.stdout, open(os.devnull, "w")  # some of them print what nobody asked
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            answer = PEERS[ask["peer"]](ask)
        except Exception as error:  # whatever it is, the asker must hear of it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
