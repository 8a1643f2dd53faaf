"""Sickle, a stock OAI-PMH client, asked line by line.

Each line on standard input is a question in JSON, each line on standard output its answer. A list that was opened is read
on a few records at a time, so that a test may change what is listed in between.

    stock.py URL FOLDER      every answer of the source is kept in FOLDER, byte by byte, as 1.xml, 2.xml…
"""

import itertools
import json
import pathlib
import sys

from sickle import Sickle

FAULTS = "sickle.oaiexceptions"


def plain(found):
    """What Sickle read, as JSON: a record, a header, a set, a format, or what Identify says."""
    header = getattr(found, "header", found)
    if not hasattr(header, "datestamp"):
        return {name: values[0] for name, values in found}
    said = {
        "identifier": header.identifier,
        "datestamp": header.datestamp,
        "sets": header.setSpecs,
        "deleted": header.deleted,
    }
    if hasattr(found, "metadata"):
        said["metadata"] = found.metadata
        said["raw"] = found.raw
    return said


def main():
    url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    number = itertools.count(1)

    def keep(response, *_, **__):
        (folder / f"{next(number)}.xml").write_bytes(response.content)

    stock = {
        method: Sickle(url, http_method=method, hooks={"response": keep}, timeout=60)
        for method in ("GET", "POST")
    }
    found = iter(())
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if verb := question.get("open"):
                ask = getattr(stock[question.get("method", "GET")], verb)
                found = ask(**question.get("args", {}))
                if verb in ("Identify", "GetRecord"):
                    found = iter([found])
                answer = {"open": verb}
            else:
                taken = list(itertools.islice(found, question["take"]))
                answer = {"found": [plain(one) for one in taken]}
        except Exception as fault:
            if type(fault).__module__ != FAULTS:
                raise
            answer = {"fault": type(fault).__name__, "says": str(fault)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
