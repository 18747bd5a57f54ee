"""Writes CARv1 archives for tests: from the specifications, with Python's hashlib.

Entry points: tree (a dict of names to bytes or dicts → a root and its blocks), archive, Builder for anything else.
"""

import base64
import hashlib

RAW, DAG_PB = 0x55, 0x70
CHUNK, FAN_OUT = 262144, 174


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def cid(data, codec):
    return varint(1) + varint(codec) + varint(0x12) + varint(32) + hashlib.sha256(data).digest()


def text(name):
    return "b" + base64.b32encode(name).decode().lower().rstrip("=")


class Builder:
    """Collects blocks; each method returns the CID of what it added."""

    def __init__(self):
        self.blocks = []

    def block(self, data, codec, name=None):
        name = name or cid(data, codec)
        self.blocks.append(varint(len(name) + len(data)) + name + data)
        return name

    def node(self, kind, links):
        data = b"".join(field(2, field(1, to) + field(2, name.encode()) + field(3, 0)) for name, to in links)
        return self.block(data + field(1, field(1, kind)), DAG_PB)

    def file(self, data):
        level = [("", self.block(data[at:at + CHUNK], RAW)) for at in range(0, len(data) or 1, CHUNK)]
        while len(level) > 1:
            level = [("", self.node(2, level[at:at + FAN_OUT])) for at in range(0, len(level), FAN_OUT)]
        return level[0][1]

    def tree(self, content):
        if isinstance(content, dict):
            return self.node(1, [(name, self.tree(part)) for name, part in content.items()])
        return self.file(content if isinstance(content, bytes) else content.encode())

    def archive(self, *roots):
        head = b"\xa2\x65roots" + bytes([0x80 | len(roots)])
        for root in roots:
            head += b"\xd8\x2a\x58" + bytes([len(root) + 1]) + b"\0" + root
        head += b"\x67version\x01"
        return varint(len(head)) + head + b"".join(self.blocks)


def archive(content):
    """The archive of a tree with one root."""
    builder = Builder()
    return builder.archive(builder.tree(content))


def root_of(content):
    """The text `$ROOT` ends in."""
    return text(Builder().tree(content))
