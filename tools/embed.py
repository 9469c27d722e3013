#!/usr/bin/env python3
"""Turns data files into one C source and header: embed.py out.c out.h file…

data/models.json becomes `const char embedded_models_json[]` and
`const size_t embedded_models_json_size`; a NUL follows the bytes.
"""
import os
import re
import sys


def symbol(path):
    return "embedded_" + re.sub(r"\W", "_", os.path.basename(path))


def main(source, header, files):
    with open(header, "w") as out:
        out.write("#pragma once\n\n/* Data files built into the program; written by tools/embed.py. */\n\n")
        out.write("#include <stddef.h>\n\n")
        for path in files:
            out.write(f"extern const char {symbol(path)}[];\nextern const size_t {symbol(path)}_size;\n")
    with open(source, "w") as out:
        out.write(f'#include "{os.path.basename(header)}"\n\n')
        for path in files:
            data = open(path, "rb").read()
            out.write(f"const char {symbol(path)}[] = {{\n")
            for start in range(0, len(data) + 1, 16):
                row = (data + b"\0")[start : start + 16]
                out.write("    " + ", ".join(str(b - 256 if b > 127 else b) for b in row) + ",\n")
            out.write(f"}};\nconst size_t {symbol(path)}_size = {len(data)};\n\n")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
