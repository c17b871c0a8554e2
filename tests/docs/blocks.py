# SPDX-License-Identifier: Apache-2.0
"""The fenced blocks of Markdown pages and the marks that stand above them.

A mark is an HTML comment on the line above a block (blank lines between do not
matter):

    <!-- test: skip, REASON -->    it is not run; the reason is listed
    <!-- test: output -->          it is what the block before it printed; a line
                                   or a part of one that is "…" may be anything
    <!-- test: exit N -->          the command ends with that code
    <!-- test: continues -->       it belongs to the file that the block before
                                   began
"""
import dataclasses
import re

MARK = re.compile(r"^\s*<!-- test: (.*?) -->\s*$")
FENCE = re.compile(r"^(\s*)(```+|~~~+)\s*([\w+.-]*)\s*(.*)$")


@dataclasses.dataclass
class Block:
    page: str
    line: int
    language: str
    label: str  # what stands behind the language: "```cpp torch"
    text: str
    mark: str

    @property
    def title(self):
        return f"{self.page}:{self.line} ({self.language or 'no language'})"

    @property
    def skip_reason(self):
        found = re.match(r"skip,\s*(.+)$", self.mark)
        return found.group(1) if found else None

    @property
    def is_output(self):
        return self.mark == "output"

    @property
    def continues(self):
        return self.mark == "continues"

    @property
    def exit_code(self):
        found = re.match(r"exit (\d+)$", self.mark)
        return int(found.group(1)) if found else 0

    @property
    def mark_is_known(self):
        return (self.mark in ("", "output", "continues") or
                re.match(r"(exit \d+|skip, .{8,})$", self.mark) is not None)


def read(page, text):
    """The blocks of |text|; |page| is for messages."""
    blocks = []
    mark, fence, body, start = "", None, [], 0
    for number, line in enumerate(text.split("\n"), 1):
        found = FENCE.match(line)
        if fence is not None:
            if found and found.group(2) == fence.group(2) and \
                    not found.group(3):
                blocks.append(Block(page, start, fence.group(3),
                                    fence.group(4).strip(),
                                    "\n".join(body) + "\n", mark))
                mark, fence, body = "", None, []
            else:
                indent = len(fence.group(1))
                body.append(line[indent:] if not line[:indent].strip()
                            else line)
        elif found:
            fence, start = found, number
        elif MARK.match(line):
            mark = MARK.match(line).group(1)
        elif line.strip():
            mark = ""
    if fence is not None:
        raise ValueError(f"{page}:{start}: a block without an end")
    return blocks


def prose(text):
    """|text| with its blocks and marks blanked, line for line."""
    kept, fence = [], None
    for line in text.split("\n"):
        found = FENCE.match(line)
        if fence is not None:
            if found and found.group(2) == fence and not found.group(3):
                fence = None
            kept.append("")
        elif found:
            fence = found.group(2)
            kept.append("")
        else:
            kept.append("" if MARK.match(line) else line)
    return kept


def output_differs(expected, got):
    """None if |got| is |expected|, in which "…" stands for anything;
    otherwise the first line that is not."""
    pattern = []
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "…":
            pattern.append(r"(?:.*\n)*?")
        else:
            pattern.append(".*?".join(re.escape(part)
                                      for part in line.rstrip().split("…"))
                           + r"[ ]*\n")
    if re.fullmatch("".join(pattern), got.rstrip("\n") + "\n"):
        return None
    return f"printed:\n{got}expected:\n{expected}"
