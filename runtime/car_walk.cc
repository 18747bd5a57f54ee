// What is visited is read into block_; a node with links to follow moves it into a frame of the
// way.
#include "runtime/car_walk.h"

#include <algorithm>

namespace bls::car {
namespace {

constexpr std::string_view kConfigName = "config.json";

std::string shownName(std::string_view name) {
  return "\"" + escapeForMessage(name.data(), name.size(), 100) + "\"";
}

Status checkNames(std::span<const u8> block, u64 offset, Diagnostics& diag) {
  std::vector<std::string_view> names;
  Link link;
  for (LinkCursor links(block, offset); links.next(&link);) {
    if (const char* problem = nameProblem(link.name)) {
      return diag.fail(ErrorClass::Malformed,
                       "archive entry " + shownName(link.name) + " " + problem, link.offset);
    }
    names.push_back(link.name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return diag.fail(ErrorClass::Malformed,
                   "two entries of one directory are named " + shownName(*twice), offset);
}

class TextCollector final : public TreeVisitor {
 public:
  TextCollector(std::string* out, u64 limit) : out_(out), limit_(limit) {}
  Status enterDirectory(std::string_view, Diagnostics&) override { return {}; }
  Status leaveDirectory(Diagnostics&) override { return {}; }
  Status beginFile(std::string_view, Diagnostics&) override { return {}; }
  Status endFile(Diagnostics&) override { return {}; }
  Status fileBytes(std::span<const u8> bytes, Diagnostics& diag) override {
    if (bytes.size() > limit_ - out_->size()) {
      return diag.fail(ErrorClass::Limit, "config.json of the archive is longer than " +
                                              std::to_string(limit_) + " bytes");
    }
    out_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

 private:
  std::string* out_;
  u64 limit_;
};

}  // namespace

CarWalk::CarWalk(const CarReader& reader) : reader_(reader) {
  const CarLimits& limits = reader.limits();
  const u64 size = reader.size();
  const u64 byRatio =
      size > limits.totalBytes / limits.ratio ? limits.totalBytes : size * limits.ratio;
  byteLimit_ = std::min(limits.totalBytes, std::max(byRatio, limits.ratioFreeBytes));
}

// Reads a block into block_; of a raw one the node is a file's bytes.
Status CarWalk::load(const Cid& cid, u64 at, Diagnostics& diag, UnixFsNode* node, u64* offset) {
  if (++nodes_ > reader_.limits().nodes) {
    return diag.fail(
        ErrorClass::Limit,
        "tree of the archive has more than " + std::to_string(reader_.limits().nodes) + " nodes",
        at);
  }
  TRY(reader_.block(cid, at, diag, &block_, offset));
  if (block_.size() > byteLimit_ - bytes_) {
    return diag.fail(ErrorClass::Limit,
                     "tree of the archive is larger than " + std::to_string(byteLimit_) + " bytes",
                     at);
  }
  bytes_ += block_.size();
  if (cid.codec == kCodecDagPb) return UnixFsNode::parse(block_, *offset, diag, node);
  *node = UnixFsNode();
  node->data = block_;
  return {};
}

Status CarWalk::push(const UnixFsNode& node, u64 offset, bool reported, Diagnostics& diag) {
  const CarLimits& limits = reader_.limits();
  if (way_.size() >= limits.depth) {
    return diag.fail(ErrorClass::Limit,
                     "tree of the archive is deeper than " + std::to_string(limits.depth), offset);
  }
  if (block_.size() > limits.heldBytes - held_) {
    return diag.fail(ErrorClass::Limit,
                     "nodes on the way into the archive's tree are larger than " +
                         std::to_string(limits.heldBytes) + " bytes together",
                     offset);
  }
  held_ += block_.size();
  Frame& frame = way_.emplace_back();
  frame.block = std::move(block_);
  frame.links = LinkCursor(frame.block, offset);
  frame.isDirectory = node.type == UnixFsType::Directory;
  frame.reported = reported;
  return {};
}

Status CarWalk::pop(TreeVisitor& visitor, Diagnostics& diag) {
  const Frame& frame = way_.back();
  const bool isDirectory = frame.isDirectory;
  const bool reported = frame.reported;
  held_ -= frame.block.size();
  way_.pop_back();
  if (!reported) return {};
  return isDirectory ? visitor.leaveDirectory(diag) : visitor.endFile(diag);
}

Status CarWalk::run(TreeVisitor& visitor, Diagnostics& diag) {
  while (!way_.empty()) {
    Link link;
    if (!way_.back().links.next(&link)) {
      TRY(pop(visitor, diag));
    } else if (way_.back().isDirectory) {
      TRY(entry(link, visitor, diag));
    } else {
      TRY(part(link.cid, link.offset, false, visitor, diag));
    }
  }
  return {};
}

// A file, or a part of one: its own bytes now, those behind links from run().
Status CarWalk::contents(const UnixFsNode& node, u64 offset, bool reported, TreeVisitor& visitor,
                         Diagnostics& diag) {
  if (node.type != UnixFsType::File && node.type != UnixFsType::Raw) {
    const char* what = node.type == UnixFsType::Symlink     ? "a symbolic link"
                       : node.type == UnixFsType::Shard     ? "a sharded directory"
                       : node.type == UnixFsType::Directory ? "a directory as a part of a file"
                                                            : "metadata";
    return diag.fail(ErrorClass::Unsupported,
                     std::string("archive contains ") + what +
                         "; only plain files and directories are extracted",
                     offset);
  }
  TRY(visitor.fileBytes(node.data, diag));
  if (node.links != 0) return push(node, offset, reported, diag);
  return reported ? visitor.endFile(diag) : Status();
}

Status CarWalk::part(const Cid& cid, u64 at, bool reported, TreeVisitor& visitor,
                     Diagnostics& diag) {
  UnixFsNode node;
  u64 offset = 0;
  TRY(load(cid, at, diag, &node, &offset));
  return contents(node, offset, reported, visitor, diag);
}

Status CarWalk::entry(const Link& link, TreeVisitor& visitor, Diagnostics& diag) {
  UnixFsNode node;
  u64 offset = 0;
  TRY(load(link.cid, link.offset, diag, &node, &offset));
  if (node.type == UnixFsType::Directory) {
    TRY(checkNames(block_, offset, diag));
    TRY(visitor.enterDirectory(link.name, diag));
    return push(node, offset, true, diag);
  }
  TRY(visitor.beginFile(link.name, diag));
  return contents(node, offset, true, visitor, diag);
}

Status CarWalk::directory(const Cid& root, TreeVisitor& visitor, Diagnostics& diag) {
  way_.clear();
  held_ = 0;
  UnixFsNode node;
  u64 offset = 0;
  TRY(load(root, 0, diag, &node, &offset));
  if (node.type == UnixFsType::Shard || node.type == UnixFsType::Symlink) {
    return contents(node, offset, false, visitor, diag);  // says what it is
  }
  if (node.type != UnixFsType::Directory) {
    return diag.fail(
        ErrorClass::Unsupported,
        "root " + root.text() + " of the archive is a file; pack the directory it is in", offset);
  }
  TRY(checkNames(block_, offset, diag));
  TRY(push(node, offset, false, diag));
  return run(visitor, diag);
}

Status CarWalk::file(const Cid& cid, u64 at, TreeVisitor& visitor, Diagnostics& diag) {
  way_.clear();
  held_ = 0;
  TRY(part(cid, at, false, visitor, diag));
  return run(visitor, diag);
}

namespace {

// Breadth first over block numbers, each once. Nodes that a CID holds itself are not searched: a
// hundred bytes are no place for a directory.
class ConfigSearch {
 public:
  explicit ConfigSearch(const CarReader& reader)
      : reader_(reader), seen_(reader.blockCount(), false) {}

  /// `*found` and the link that has the name.
  Status run(Diagnostics& diag, bool* found, Link* out) {
    *found = false;
    for (const Cid& root : reader_.roots()) {
      queue_.clear();
      TRY(add(root, 0, diag));
      for (size_t i = 0; i < queue_.size() && !*found; ++i) TRY(visit(queue_[i], diag, found, out));
      if (*found) return {};
    }
    return {};
  }

 private:
  Status add(const Cid& cid, u64 at, Diagnostics& diag) {
    if (cid.codec != kCodecDagPb || cid.isIdentity()) return {};
    const u32 number = reader_.find(cid);
    u64 offset = 0;
    if (number == CarReader::kNoBlock) return reader_.block(cid, at, diag, &block_, &offset);
    if (!seen_[number]) queue_.push_back(number);
    seen_[number] = true;
    return {};
  }

  Status visit(u32 number, Diagnostics& diag, bool* found, Link* out) {
    u64 offset = 0;
    std::vector<u8> block;
    UnixFsNode node;
    TRY(reader_.block(reader_.cidOf(number), 0, diag, &block, &offset));
    TRY(UnixFsNode::parse(block, offset, diag, &node));
    for (LinkCursor links(block, offset); links.next(out);) {
      *found = out->name == kConfigName;
      if (*found) return {};
      TRY(add(out->cid, out->offset, diag));
    }
    return {};
  }

  const CarReader& reader_;
  std::vector<bool> seen_;
  std::vector<u32> queue_;
  std::vector<u8> block_;
};

}  // namespace

Status findConfigFile(const CarReader& reader, Diagnostics& diag, std::string* text) {
  bool found = false;
  Link link;
  TRY(ConfigSearch(reader).run(diag, &found, &link));
  if (!found)
    return diag.fail(ErrorClass::Config, "archive holds no config.json in any of its directories");
  text->clear();
  TextCollector collector(text, reader.limits().configBytes);
  TRY(CarWalk(reader).file(link.cid, link.offset, collector, diag));
  if (isValidUtf8({reinterpret_cast<const u8*>(text->data()), text->size()})) return {};
  return diag.fail(ErrorClass::Malformed, "config.json of the archive is not UTF-8", link.offset);
}

}  // namespace bls::car
