"""What the process-level drivers (tests/programs, tests/guests, tests/wasm_build) share.

paths      where the tree, the build folder and the caches are
fetch      npm and Debian source packages by name, checked by sha256, unpacked once
toolchain  builds guests from C, C++, Rust, AssemblyScript; cached by source + flags + tool version
engine     starts one module under the engine under test (ours, Node, or any command line)
report     progress lines, the closing line, the exit status

Python 3.11 standard library only. Nothing here knows a particular program or check.
"""
