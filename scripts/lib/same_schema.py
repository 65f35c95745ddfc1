#!/usr/bin/env python3
"""Compares two outputs of `pg_dump --schema-only`, but for order and comments.

    scripts/lib/same_schema.py A.sql B.sql

Exit code 0 when they say the same; else 1, and what only one of them says. Not compared: settings of the session
that dumps, and the configured defaults of Users.Language and Users.TimeZone unless --strict is given.
"""

import re
import sys
from pathlib import Path

IGNORED = re.compile(r"(SET \w+ = .*|SELECT pg_catalog\.set_config\(.*|COMMENT ON .*)", re.DOTALL)
# \restrict and \unrestrict of newer pg_dump carry a random key.
META = re.compile(r"^\\.*$", re.MULTILINE)
CONFIGURED = re.compile(r"(\"(?:Language|TimeZone)\" character varying\(32\)) DEFAULT '[^']*'::character varying")


def statements(path, strict):
    """The statements of a dump; a comment is a line of its own there, and no text holds a semicolon."""
    text = META.sub("", Path(path).read_text(encoding="utf-8"))
    text = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    found = set()
    for statement in text.split(";\n"):
        statement = re.sub(r"\s+", " ", statement).strip().removesuffix(";")
        if statement and not IGNORED.fullmatch(statement):
            if not strict and statement.startswith("CREATE TABLE") and '."Users' in statement:
                statement = CONFIGURED.sub(r"\1 DEFAULT configured", statement)
            found.add(statement)
    return found


def main():
    strict = "--strict" in sys.argv
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if len(paths) != 2:
        sys.exit(__doc__)
    first, second = (statements(path, strict) for path in paths)
    for path, only in ((paths[0], first - second), (paths[1], second - first)):
        for statement in sorted(only):
            print(f"only in {path}: {statement}")
    print(f"{len(first & second)} statements are the same", file=sys.stderr)
    sys.exit(0 if first == second else 1)


main()
