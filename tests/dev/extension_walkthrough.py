#!/usr/bin/env python3
"""Follows the walkthrough `Add an extension` of CONTRIBUTING.md: the text is the extension.

  extension_walkthrough.py --check          its line still fits the list, and it touches no file but its own and that
  extension_walkthrough.py --folder DIR     makes it in a copy of the tree in DIR, builds `bls` there and runs its guest

A ```cpp block names its file behind the word; the ```diff block is as in walkthrough.py; the ```wat block is the guest.
The last line is `N passed, N failed`.
"""

import os
import re
import sys

from walkthrough import MODES, ROOT, Tree, blocks, patches_in, read, run_tests, section_of

HEADING = "### Add an extension"
LIST = "extensions/list.def"
FOLDER = "extensions/tally/"


def steps():
    """(patches, {new file: text}, the guest)."""
    section = section_of(HEADING)
    files = re.findall(r"^ *```cpp (\S+)$", section, re.M)
    created = {name: "\n".join(blocks(section, "cpp " + re.escape(name))[0]) + "\n" for name in files}
    guests = blocks(section, "wat")
    if not created or len(guests) != 1:
        raise ValueError("the walkthrough has no files, or not one guest")
    return patches_in(section), created, "\n".join(guests[0]) + "\n"


def check_fits():
    patches, created, _ = steps()
    assert [patch.path for patch in patches] == [LIST], [patch.path for patch in patches]
    assert all(name.startswith(FOLDER) for name in created), sorted(created)
    patches[0].apply(read(os.path.join(ROOT, LIST)))


class Copy(Tree):
    def __init__(self, folder):
        patches, created, self.guest = steps()
        super().__init__(folder, patches, created)

    def invoke(self, name, mode, status=0):
        return self.run("run", *mode, f"--invoke={name}", self.file("tally.wat", self.guest), status=status)

    def test_counts_in_every_tier(self):
        for mode in MODES:
            mode = [word for word in mode if "spill" not in word]
            assert self.invoke("sum", mode)[0] == "42\n", mode

    def test_refuses_a_handle_that_was_never_given_out(self):
        assert self.invoke("forged", [])[0] == "1\n"

    def test_traps_on_a_bad_out_pointer(self):
        assert "out of bounds pointer" in self.invoke("stray", [], status=255)[1]

    def test_is_seen_by_inspect(self):
        assert "tally_open" in self.run("inspect", self.file("tally.wat", self.guest))[0]


if __name__ == "__main__":
    sys.exit(run_tests(__doc__, "extension_walkthrough", [("the line fits", check_fits)], Copy))
