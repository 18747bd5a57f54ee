#include "tests/car/random_car.h"

#include "runtime/car_archive.h"

namespace bls::car::test {
namespace {

constexpr const char* kNames[] = {"a", "b.wasm", "config.json", "lib",  "x y", "\u00fc", "..",
                                  ".", "",       "a/b",         "../x", "\\"};

CarLimits smallLimits() {
  CarLimits limits;
  limits.headerBytes = 4096;
  limits.sectionBytes = 1 << 16;
  limits.blocks = 300;
  limits.nodes = 2000;
  limits.depth = 20;
  limits.heldBytes = 1 << 16;
  limits.totalBytes = 1 << 20;
  limits.ratio = 16;
  limits.ratioFreeBytes = 1 << 16;
  limits.configBytes = 4096;
  return limits;
}

// Checks what a writer would rely on.
class Inspector final : public TreeVisitor {
 public:
  std::string wrong;
  u64 bytes = 0;

  Status enterDirectory(std::string_view name, Diagnostics&) override {
    checkName(name);
    if (inFile_) wrong = "a directory within a file";
    if (++depth_ > 20) wrong = "too deep";
    return {};
  }
  Status leaveDirectory(Diagnostics&) override {
    if (inFile_ || depth_-- == 0) wrong = "a directory left that was not entered";
    return {};
  }
  Status beginFile(std::string_view name, Diagnostics&) override {
    checkName(name);
    if (inFile_) wrong = "a file within a file";
    inFile_ = true;
    return {};
  }
  Status fileBytes(std::span<const u8> part, Diagnostics&) override {
    bytes += part.size();
    if (!inFile_) wrong = "bytes outside a file";
    return {};
  }
  Status endFile(Diagnostics&) override {
    if (!inFile_) wrong = "a file ended that was not begun";
    inFile_ = false;
    return {};
  }
  bool atEnd() const { return depth_ == 0 && !inFile_; }

 private:
  void checkName(std::string_view name) {
    if (name.empty() || name.size() > 255 || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\\\0", 3)) != name.npos) {
      wrong = "a name that leads elsewhere";
    }
  }

  int depth_ = 0;
  bool inFile_ = false;
};

void checkError(const Status& status, Verdict* out) {
  const Error* error = status.error();
  out->refusal = errorClassName(error->cls);
  const std::string line = error->format("x.car");
  if (error->message.empty()) out->wrong = "an error without a message";
  if (line.find('\n') != line.npos) out->wrong = "an error of several lines: " + line;
  if (line.size() > 1024) out->wrong = "an error of more than 1 KiB: " + line;
  if (error->cls == ErrorClass::Internal) out->wrong = "an internal error: " + line;
}

}  // namespace

std::string CarGenerator::text(u32 most) {
  std::string out(random_.below(most), ' ');
  for (char& c : out) c = static_cast<char>(random_.next());
  return out;
}

std::string CarGenerator::name() {
  if (!random_.oneIn(40)) return kNames[random_.below(4)] + std::to_string(random_.below(50));
  return random_.oneIn(3) ? text(300) : kNames[random_.below(std::size(kNames))];
}

CidBytes CarGenerator::leaf(CarBuilder& car) {
  const std::string bytes = text(random_.oneIn(10) ? 600 : 40);
  switch (random_.below(6)) {
    case 0: return CarBuilder::identity(bytes.substr(0, 130), 0x55);
    case 1: return car.node(random_.oneIn(2) ? NodeType::File : NodeType::Raw, bytes, {});
    case 2: return car.file(bytes);
    default: return car.raw(bytes);
  }
}

// What should be refused, or is at least rare.
CidBytes CarGenerator::oddity(CarBuilder& car) {
  const CidBytes some = leaf(car);
  switch (random_.below(8)) {
    case 0: return car.node(NodeType::Symlink, "/etc/passwd", {});
    case 1: return car.node(NodeType::Shard, text(8), {{"00a", some}});
    case 2: return car.node(static_cast<NodeType>(random_.below(9)), text(8), {{name(), some}});
    case 3: return car.cidOf(text(9), random_.oneIn(2) ? 0x55 : 0x70);  // not there
    case 4: return car.block(car.cidOf(text(9), 0x70), text(50));       // other bytes
    case 5:
      return varint(1) + varint(random_.below(256)) + varint(random_.next() >> 1) +
             varint(random_.below(200)) + text(40);
    case 6: return text(60);
    default: {
      const std::string bytes = field(static_cast<int>(random_.below(4)), text(30)) + text(9);
      return car.block(car.cidOf(bytes, 0x70), bytes);
    }
  }
}

CidBytes CarGenerator::tree(CarBuilder& car, int depth) {
  if (random_.oneIn(60)) return oddity(car);
  if (depth == 0 || random_.oneIn(4)) return leaf(car);
  std::vector<LinkSpec> entries;
  for (u64 i = random_.below(5); i-- > 0;) entries.push_back({name(), tree(car, depth - 1)});
  if (!entries.empty() && random_.oneIn(6)) entries.push_back({name(), entries[0].cid});
  if (random_.oneIn(3)) entries.push_back({"config.json", car.raw("{}" + text(4))});
  if (random_.oneIn(6)) return car.node(NodeType::File, text(9), entries);
  return car.directory(entries);
}

void CarGenerator::damage(std::string& bytes) {
  for (u64 edits = 1 + random_.below(4); edits-- > 0 && !bytes.empty();) {
    const size_t at = random_.below(bytes.size());
    switch (random_.below(7)) {
      case 0: bytes.resize(at); break;
      case 1: bytes.insert(at, text(12)); break;
      case 2: bytes.erase(at, random_.below(12)); break;
      case 3: bytes[at] = static_cast<char>(0xff); break;
      case 4: bytes[at] = static_cast<char>(bytes[at] ^ 1 << random_.below(8)); break;
      default: bytes[at] = static_cast<char>(random_.next()); break;
    }
  }
}

std::string CarGenerator::next(bool* weak) {
  *weak = random_.oneIn(2);
  CarBuilder car(*weak ? sizeAbilities() : realAbilities());
  car.blake = random_.oneIn(4);
  car.version0 = random_.oneIn(3);
  car.chunkBytes = 1 + random_.below(64);
  car.fanOut = 2 + random_.below(4);
  std::vector<CidBytes> roots;
  for (u64 i = 1 + (random_.oneIn(8) ? random_.below(4) : 0); i-- > 0;) {
    CidBytes root = tree(car, static_cast<int>(random_.below(7)));
    if (!random_.oneIn(10)) root = car.directory({{"top", root}});
    if (random_.oneIn(20)) {
      for (u64 depth = random_.below(40); depth-- > 0;)
        root = car.directory({{"d", root}, {"e", root}});
    }
    roots.push_back(root);
  }
  std::string bytes = car.archive(roots);
  if (random_.oneIn(*weak ? 3 : 4)) return bytes;
  damage(bytes);
  return bytes;
}

Verdict checkArchive(std::span<const u8> bytes) {
  Verdict out;
  Diagnostics diag;
  std::unique_ptr<CarArchive> archive;
  const Status opened = CarArchive::over(ByteSource::ofBytes(bytes), smallLimits(), diag, &archive);
  out.opened = opened.ok();
  if (!opened.ok()) {
    checkError(opened, &out);
    return out;
  }
  std::string text;
  const Status searched = archive->findConfig(diag, &text);
  out.config = searched.ok();
  if (!searched.ok()) checkError(searched, &out);
  if (text.size() > 4096) out.wrong = "a configuration over its limit";
  diag.clear();
  Inspector inspector;
  CarWalk walk(archive->reader());
  Status walked;
  for (const Cid& root : archive->roots()) {
    if (!out.wrong.empty() || !walked.ok()) break;
    walked = walk.directory(root, inspector, diag);
    if (walked.ok() && !inspector.atEnd()) out.wrong = "a walk that did not leave what it entered";
  }
  out.walked = walked.ok();
  if (!walked.ok()) checkError(walked, &out);
  if (!inspector.wrong.empty()) out.wrong = inspector.wrong;
  if (inspector.bytes > 1 << 20) out.wrong = "more bytes than the limit";
  return out;
}

}  // namespace bls::car::test
