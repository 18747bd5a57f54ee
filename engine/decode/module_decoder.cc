// The section loop: header, order, uniqueness, exact sizes, agreement of counts, canonical types at
// the end.
#include "engine/decode/module_decoder.h"

#include "engine/decode/body_decoder.h"
#include "engine/decode/section_reader.h"
#include "engine/module/type_canon.h"
#include "engine/wasm/limits.h"

namespace bls {
namespace {

struct SectionRule {
  const char* name;
  u8 order;  // position among the non-custom sections
  Status (SectionReader::*read)();
};

// By section id. Spec: binary/modules, sections.
constexpr SectionRule kSections[] = {
    {"custom", 0, &SectionReader::custom},
    {"type", 1, &SectionReader::types},
    {"import", 2, &SectionReader::imports},
    {"function", 3, &SectionReader::functions},
    {"table", 4, &SectionReader::tables},
    {"memory", 5, &SectionReader::memories},
    {"global", 7, &SectionReader::globals},
    {"export", 8, &SectionReader::exports},
    {"start", 9, &SectionReader::start},
    {"element", 10, &SectionReader::elements},
    {"code", 12, &SectionReader::code},
    {"data", 13, &SectionReader::data},
    {"data count", 11, &SectionReader::dataCount},
    {"tag", 6, &SectionReader::tags},
};
constexpr u8 kCustomId = 0, kCodeId = 10, kDataId = 11, kDataCountId = 12, kTagId = 13;
constexpr u32 kVersion = 1;

// What a file that is no wasm binary looks like, for the message.
const char* guessKind(std::span<const u8> bytes) {
  if (bytes.size() >= 4 && std::memcmp(bytes.data(),
                                       "\x7f"
                                       "ELF",
                                       4) == 0)
    return " (this is an ELF file)";
  if (bytes.size() >= 2 && bytes[0] == '#' && bytes[1] == '!') return " (this is a script)";
  for (u8 c : bytes.first(bytes.size() < 4096 ? bytes.size() : 4096)) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '(' || c == ';') return " (this looks like the text format)";
    break;
  }
  return "";
}

Status readHeader(ByteReader& in, std::span<const u8> bytes) {
  static constexpr u8 kMagic[4] = {0, 'a', 's', 'm'};
  u64 at = in.offset();
  const char* guess = guessKind(bytes);
  u8 magic[4] = {};
  if (in.left() < sizeof magic && *guess == 0) {
    return in.diag().fail(ErrorClass::Malformed, "unexpected end of section or function",
                          in.left());
  }
  for (u8& byte : magic) {
    if (!in.atEnd()) TRY(in.byte(&byte));
  }
  if (std::memcmp(magic, kMagic, sizeof magic) != 0) {
    return in.diag().fail(ErrorClass::Malformed, std::string("magic header not detected") + guess,
                          at);
  }
  at = in.offset();
  u32 version = 0;
  TRY(in.fixed(&version));
  if (version != kVersion && (version >> 16) == 1 && (version & 0xffff) != 0) {
    return in.diag().fail(
        ErrorClass::Unsupported,
        "unknown binary version: this is a component, only core modules are supported", at);
  }
  if (version != kVersion)
    return in.diag().fail(ErrorClass::Malformed, "unknown binary version", at);
  return {};
}

class ModuleDecoder {
 public:
  ModuleDecoder(Module& m, Diagnostics& diag) : m_(m), in_(m.bytes.span(), 0, &diag), diag_(diag) {}

  Status run() {
    if (m_.bytes.span().size() > limits::kModuleBytes) {
      return diag_.fail(ErrorClass::Limit, "module bytes " +
                                               std::to_string(m_.bytes.span().size()) + " > " +
                                               std::to_string(limits::kModuleBytes));
    }
    TRY(readHeader(in_, m_.bytes.span()));
    Status status;
    while (status.ok() && !in_.atEnd()) status = section();
    if (status.ok()) status = finish();
    return status.ok() ? status : earliest(status);
  }

 private:
  Status section() {
    u64 at = in_.offset();
    u8 id = 0;
    TRY(in_.byte(&id));
    bool known = id < std::size(kSections);
    if (id == kTagId)
      known = m_.features.has(Feature::Exceptions) || m_.features.has(Feature::LegacyExceptions);
    if (id == kDataCountId) known = m_.features.has(Feature::BulkMemory);
    if (!known) return unknownSection(id, at);
    const SectionRule& rule = kSections[id];
    Status status = content(id, rule, at);
    if (!status.ok() && diag_.first()->section == nullptr)
      diag_.mutableFirst()->section = rule.name;
    return status;
  }

  Status unknownSection(u8 id, u64 at) {
    if (id == kTagId || id == kDataCountId) {
      return failFeatureOff(diag_, ErrorClass::Malformed, "malformed section id",
                            id == kTagId ? Feature::Exceptions : Feature::BulkMemory, at);
    }
    return diag_.fail(ErrorClass::Malformed, "malformed section id", at);
  }

  Status content(u8 id, const SectionRule& rule, u64 at) {
    u64 sizeAt = in_.offset();
    u32 size = 0;
    TRY(in_.lebU32(&size));
    if (size > in_.left()) return diag_.fail(ErrorClass::Malformed, "length out of bounds", sizeAt);
    if (id != kCustomId) {
      if (rule.order <= lastOrder_) {
        return diag_.fail(ErrorClass::Malformed, "unexpected content after last section", at);
      }
      lastOrder_ = rule.order;
    }
    SectionReader reader(m_, in_);
    TRY(in_.sub(size, &reader.in));
    m_.sections.push_back({id, static_cast<u32>(reader.in.offset()), size});
    sawCode_ |= id == kCodeId;
    sawData_ |= id == kDataId;
    TRY((reader.*rule.read)());
    if (!reader.in.atEnd()) return reader.in.malformed("section size mismatch");
    return {};
  }

  // Bodies are not read here, but a malformed one before the place of a failure is the module's
  // first error.
  Status earliest(Status status) {
    if (diag_.first()->message == kCodeCountMessage) return misplacedSection(status);
    u64 at = diag_.first()->offset;
    for (u32 i = m_.importedFuncs; i < m_.funcs.size(); ++i) {
      const FuncDecl& func = m_.funcs[FuncIndex{i}];
      if (func.bodyOffset == 0 || func.bodyOffset >= at) break;
      Diagnostics body;
      if (decodeBody(m_, i, body).ok() || body.first()->cls != ErrorClass::Malformed) continue;
      diag_.clear();
      return diag_.fail(*body.first());
    }
    return status;
  }

  // Whether the counts of functions agree is decided behind the last section: a section in a wrong
  // place comes first.
  Status misplacedSection(Status status) {
    while (!in_.atEnd()) {
      Diagnostics unused;
      ByteReader rest({in_.pos(), in_.left()}, in_.offset(), &unused);
      u64 at = rest.offset();
      u8 id = 0;
      u32 size = 0;
      if (!rest.byte(&id).ok() || !rest.lebU32(&size).ok() || !rest.skip(size).ok() ||
          id >= std::size(kSections))
        break;
      if (id != kCustomId && kSections[id].order <= lastOrder_) {
        diag_.clear();
        return diag_.fail(ErrorClass::Malformed, "unexpected content after last section", at);
      }
      if (id != kCustomId) lastOrder_ = kSections[id].order;
      in_.setPos(rest.pos());
    }
    return status;
  }

  Status finish() {
    if (!sawCode_ && m_.funcs.size() != m_.importedFuncs) {
      return diag_.fail(ErrorClass::Malformed, kCodeCountMessage, in_.offset());
    }
    if (!sawData_ && m_.dataCount != 0) {
      return diag_.fail(ErrorClass::Malformed,
                        "data count and data section have inconsistent lengths", in_.offset());
    }
    m_.canonTypes.assign(m_.types.size(), kNoCanonType);
    for (u32 i = 0; i < m_.types.size();) {
      u32 n = m_.type(i).recGroupSize;
      // A group that refers to types that do not exist is invalid: the validator says so in detail.
      if (!TypeRegistry::global().canonicalise(m_.types.raw(), i, n, m_.canonTypes)) break;
      i += n;
    }
    return {};
  }

  Module& m_;
  ByteReader in_;
  Diagnostics& diag_;
  u8 lastOrder_ = 0;
  bool sawCode_ = false;
  bool sawData_ = false;
};

}  // namespace

Status decodeModule(ModuleBytes bytes, Features features, Diagnostics& diag,
                    std::unique_ptr<Module>* out) {
  auto module = std::make_unique<Module>();
  module->bytes = std::move(bytes);
  module->features = features;
  TRY(ModuleDecoder(*module, diag).run());
  *out = std::move(module);
  return {};
}

}  // namespace bls
