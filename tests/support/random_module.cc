// The module around the generated code: index spaces, segments, sections. See random_module.h.
#include "tests/support/random_module.h"

#include "tests/support/random_generator.h"

namespace bls::test {

u32 Entropy::below(u32 n) {
  if (n <= 1) return 0;
  u32 value = byte();
  if (n > 256) value |= static_cast<u32>(byte()) << 8;
  return value % n;
}

u64 Entropy::bits64() {
  u64 value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | byte();
  return value;
}

bool isGenerated(Op op) { return opInfo(op).feature != Feature::CustomDescriptors; }

bool Generator::has(Feature f) const {
  static const auto kRuns = [] {
    std::array<bool, kFeatureCount> out{};
    for (u32 i = 0; i < kOpCount; ++i) {
      if (isGenerated(static_cast<Op>(i))) out[static_cast<u32>(kOpInfo[i].feature)] = true;
    }
    return out;
  }();
  Group group = f == Feature::Gc                                             ? Group::Gc
                : f == Feature::Exceptions || f == Feature::LegacyExceptions ? Group::Exception
                : f == Feature::Threads                                      ? Group::Atomic
                : f == Feature::FuncRefs                                     ? Group::Reference
                                                                             : Group::Control;
  // A module has one design of exceptions.
  if (f == Feature::Exceptions && oldExceptions_) return false;
  if (f == Feature::LegacyExceptions && !oldExceptions_) return false;
  return kRuns[static_cast<u32>(f)] && w_[group] != 0;
}

void putType(Bytes& out, ValType type) {
  if (!type.isRef()) {
    out.push_back(static_cast<u8>(type.kind()));
    return;
  }
  HeapType heap = type.heap();
  if (type.nullable() && !heap.isConcrete()) {
    out.push_back(static_cast<u8>(heap.bits()));
    return;
  }
  out.push_back(type.nullable() ? 0x63 : 0x64);
  if (heap.isConcrete()) {
    putI64(out, heap.typeIndex());
  } else {
    out.push_back(static_cast<u8>(heap.bits()));
  }
}

namespace {

void putName(Bytes& out, const std::string& name) {
  putU32(out, name.size());
  out.insert(out.end(), name.begin(), name.end());
}

void putTypes(Bytes& out, const TypeList& types) {
  putU32(out, types.size());
  for (ValType t : types) putType(out, t);
}

void putMemory(Bytes& out, const MemoryEntry& m) {
  out.push_back(
      static_cast<u8>(1 | (m.shared ? 2 : 0) | (m.is64 ? 4 : 0) | (m.pageLog != 16 ? 8 : 0)));
  putU32(out, m.min);
  putU32(out, m.max);
  if (m.pageLog != 16) putU32(out, m.pageLog);
}

void putTable(Bytes& out, const TableEntry& t) {
  putType(out, t.elem);
  out.push_back(static_cast<u8>(1 | (t.is64 ? 4 : 0)));
  putU32(out, t.min);
  putU32(out, t.max);
}

// Types of another module cannot be named here. V8 refuses exnref beside old exceptions.
bool isPortable(const TypeList& types, bool exnref) {
  for (ValType t : types) {
    if (t.isRef() && (t.heap().isConcrete() || (t.heap() == HeapType::Exn && !exnref)))
      return false;
  }
  return true;
}

constexpr u32 kDataBytes = 64;
constexpr u32 kSegmentFuncs = 8;

}  // namespace

u32 Generator::signature(const TypeList& params, const TypeList& results) {
  u32 base = static_cast<u32>(composites_.size());
  for (u32 i = 0; i < signatures_.size(); ++i) {
    if (signatures_[i].params == params && signatures_[i].results == results) return base + i;
  }
  signatures_.push_back({params, results});
  return base + static_cast<u32>(signatures_.size()) - 1;
}

// Structures 0 to 2 (1 is a subtype of 0) and arrays from 3 on.
void Generator::makeTypes() {
  if (!has(Feature::Gc)) return;
  auto reference = [](u32 type) { return ValType::ref(HeapType::concrete(type), true); };
  Composite base;
  base.final = false;
  base.fields = {{ValType::I32}, {ValType::I8}, {ValType::I16}, {ValType::I64}};
  Composite derived = base;
  derived.super = 0;
  derived.fields.push_back({ValType::F64});
  derived.fields.push_back({reference(0)});
  derived.fields.push_back({ValType::ref(HeapType::Any, true)});
  Composite other;
  static constexpr ValType kStorage[] = {ValType::I8,  ValType::I16,       ValType::I32,
                                         ValType::F32, ValType::V128,      ValType::I64,
                                         ValType::F64, ValType::funcref(), ValType::externref()};
  for (u32 n = 1 + e_.below(7); n > 0; --n) {
    other.fields.push_back({kStorage[e_.below(9)], e_.below(6) != 5});
  }
  other.fields.push_back({reference(1)});
  composites_ = {base, derived, other};
  const ValType elements[] = {ValType::I8,  ValType::I16,  ValType::I32,
                              ValType::I64, numberType(),  ValType::funcref(),
                              reference(0), ValType::V128, ValType::ref(HeapType::Any, true)};
  for (ValType element : elements) composites_.push_back({true, -1, true, {{element}}});
}

void Generator::makeImports() {
  funcs_.push_back({signature({ValType::I32}, {})});
  funcs_.push_back({signature({ValType::I64, ValType::F64}, {ValType::I64})});
  callable_.push_back(1);
  if (library_ != nullptr) {
    const bool exnref = !w_.portable || !oldExceptions_;
    for (u32 f : library_->callable_) {
      const Signature& s = library_->signatureOfFunc(f);
      if (f < library_->importedFuncs_) continue;
      if (!isPortable(s.params, exnref) || !isPortable(s.results, exnref)) continue;
      if (e_.below(3) == 2) continue;
      callable_.push_back(static_cast<u32>(funcs_.size()));
      funcs_.push_back({signature(s.params, s.results)});
      libraryFuncs_.push_back(f);
    }
    if (e_.below(3) == 1) memories_.push_back(library_->memories_[0]);
    if (e_.below(2) == 1) tables_.push_back(library_->tables_[library_->stableTable_]);
    globals_.push_back({ValType::I64, true});
    if (!library_->tags_.empty() && w_[Group::Exception] != 0) {
      const Signature& tag = library_->signatureOf(library_->tags_[0]);
      tags_.push_back(signature(tag.params, {}));
    }
  }
  importedFuncs_ = static_cast<u32>(funcs_.size());
  importedMemories_ = static_cast<u32>(memories_.size());
  importedTables_ = static_cast<u32>(tables_.size());
  importedGlobals_ = static_cast<u32>(globals_.size());
  importedTags_ = static_cast<u32>(tags_.size());
}

void Generator::makeSpaces() {
  // Small pages keep most programs cheap to compare.
  if (memories_.empty()) {
    bool pages = e_.below(4) == 1 || w_.portable;
    memories_.push_back({false, false, pages ? 16u : 0u, pages ? 1u : 4096u, pages ? 3u : 8000u});
  }
  if (e_.below(6) == 1) memories_.push_back({true, false, 16, 1, 2});
  if (e_.below(5) == 1) {
    memories_.push_back(w_.portable ? MemoryEntry{false, false, 16, 1, 2}
                                    : MemoryEntry{false, false, 0, 600, 2000});
  }
  if (has(Feature::Threads) && e_.below(3) == 1) memories_.push_back({false, true, 16, 1, 2});
  globals_.push_back({ValType::I64, true});  // the library's exported one
  budgetGlobal_ = static_cast<u32>(globals_.size());
  globals_.push_back({ValType::I32, true});
  for (ValType t : {ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128}) {
    globals_.push_back({t, true});
  }
  for (u32 n = e_.below(5); n > 0; --n) globals_.push_back({anyType(), e_.below(4) != 3});
  if (has(Feature::Exceptions) || has(Feature::LegacyExceptions)) {
    tags_.push_back(signature({ValType::I32}, {}));
    tags_.push_back(signature({}, {}));
    tags_.push_back(signature({numberType(), numberType()}, {}));
  }
}

void Generator::makeFunctions() {
  auto add = [&](const TypeList& params, const TypeList& results) {
    funcs_.push_back({signature(params, results)});
    return static_cast<u32>(funcs_.size()) - 1;
  };
  add({}, {});  // run
  callable_.push_back(add({ValType::I32, ValType::I64, ValType::F32, ValType::F64},
                          {ValType::I64, ValType::F64, ValType::I32}));  // compute
  deepFunc_ = add({ValType::I64}, {ValType::I64});
  for (u32 n = (library_ != nullptr ? 2 : 1) + e_.below(4); n > 0; --n) {
    u32 results = e_.below(6) == 1 ? 2 + e_.below(2) : e_.below(5) == 1 ? 0 : 1;
    TypeList out;
    while (out.size() < results) out.push_back(anyType());
    callable_.push_back(add(typeList(4), out));
  }
  stableTable_ = static_cast<u32>(tables_.size());
  tables_.push_back({ValType::funcref(), false, 8, 16});
  scratchTable_ = static_cast<u32>(tables_.size());
  tables_.push_back({ValType::funcref(), e_.below(3) == 1, 8, 40});
  externTable_ = static_cast<u32>(tables_.size());
  tables_.push_back({ValType::externref(), e_.below(3) == 1, 8, 40});
  if (has(Feature::FuncRefs)) {
    typedTable_ = static_cast<int>(tables_.size());
    u32 type = funcs_[callable_[e_.below(static_cast<u32>(callable_.size()))]].type;
    tables_.push_back({ValType::ref(HeapType::concrete(type), true), false, 8, 16});
  }
}

Bytes Generator::typeSection() const {
  Bytes out;
  putU32(out, composites_.size() + signatures_.size());
  for (const Composite& c : composites_) {
    if (!c.final || c.super >= 0) {
      out.push_back(c.final ? 0x4f : 0x50);
      putU32(out, c.super >= 0 ? 1 : 0);
      if (c.super >= 0) putU32(out, static_cast<u32>(c.super));
    }
    out.push_back(c.isArray ? 0x5e : 0x5f);
    if (!c.isArray) putU32(out, c.fields.size());
    for (const Field& f : c.fields) {
      putType(out, f.type);
      out.push_back(f.isMutable ? 1 : 0);
    }
  }
  for (const Signature& s : signatures_) {
    out.push_back(0x60);
    putTypes(out, s.params);
    putTypes(out, s.results);
  }
  return out;
}

Bytes Generator::importSection() const {
  Bytes items;
  u32 count = 0;
  auto item = [&](const char* module, const std::string& name, u8 kind) {
    putName(items, module);
    putName(items, name);
    items.push_back(kind);
    ++count;
  };
  for (u32 f = 0; f < importedFuncs_; ++f) {
    if (f < 2) {
      item("env", f == 0 ? "mark" : "mix", 0);
    } else {
      item("lib", "f" + std::to_string(libraryFuncs_[f - 2]), 0);
    }
    putU32(items, funcs_[f].type);
  }
  if (importedMemories_ != 0) {
    item("lib", "memory", 2);
    putMemory(items, memories_[0]);
  }
  if (importedTables_ != 0) {
    item("lib", "table", 1);
    putTable(items, tables_[0]);
  }
  if (importedGlobals_ != 0) {
    item("lib", "shared", 3);
    items.push_back(static_cast<u8>(ValType::I64));
    items.push_back(1);
  }
  if (importedTags_ != 0) {
    item("lib", "tag", 4);
    items.push_back(0);
    putU32(items, tags_[0]);
  }
  Bytes out;
  putU32(out, count);
  out.insert(out.end(), items.begin(), items.end());
  return out;
}

Bytes Generator::globalSection() {
  Bytes out;
  putU32(out, globals_.size() - importedGlobals_);
  for (u32 g = importedGlobals_; g < globals_.size(); ++g) {
    putType(out, globals_[g].type);
    out.push_back(globals_[g].isMutable ? 1 : 0);
    code_.clear();
    if (g == budgetGlobal_) {
      constI32(10);
    } else {
      leaf(globals_[g].type, true);
    }
    out.insert(out.end(), code_.begin(), code_.end());
    out.push_back(0x0b);
  }
  return out;
}

Bytes Generator::exportSection() const {
  Bytes items;
  u32 count = 0;
  auto item = [&](const std::string& name, u8 kind, u32 index) {
    putName(items, name);
    items.push_back(kind);
    putU32(items, index);
    ++count;
  };
  item("run", 0, importedFuncs_);
  item("compute", 0, importedFuncs_ + 1);
  if (library_ == nullptr) {
    for (u32 f : callable_) {
      if (f >= importedFuncs_) item("f" + std::to_string(f), 0, f);
    }
    item("shared", 3, importedGlobals_);
    if (!tags_.empty()) item("tag", 4, 0);
  }
  item("table", 1, stableTable_);
  for (u32 m = 0; m < memories_.size(); ++m) {
    item(m == 0 ? "memory" : "memory" + std::to_string(m), 2, m);
  }
  for (u32 g = 0; g < globals_.size(); ++g) {
    if (!globals_[g].type.isRef()) item("g" + std::to_string(g), 3, g);
  }
  Bytes out;
  putU32(out, count);
  out.insert(out.end(), items.begin(), items.end());
  return out;
}

// 0 fills the stable table, 1 is kept, 2 may be dropped, 3 declares every function.
Bytes Generator::elementSection() const {
  Bytes out;
  putU32(out, 4);
  auto funcs = [&] {
    putU32(out, kSegmentFuncs);
    for (u32 i = 0; i < kSegmentFuncs; ++i) putU32(out, callable_[i % callable_.size()]);
  };
  out.push_back(2);
  putU32(out, stableTable_);
  out.insert(out.end(), {0x41, 0, 0x0b, 0});
  funcs();
  for (int i = 0; i < 2; ++i) {
    out.push_back(1);
    out.push_back(0);
    funcs();
  }
  out.push_back(3);
  out.push_back(0);
  putU32(out, funcs_.size() - 1);
  for (u32 f = 1; f < funcs_.size(); ++f) putU32(out, f);
  return out;
}

// 0 is active, 1 is kept, 2 may be dropped.
Bytes Generator::dataSection() const {
  Bytes out;
  putU32(out, 3);
  out.insert(out.end(), {0, 0x41, 16, 0x0b});
  if (memories_[0].is64) out[out.size() - 3] = 0x42;
  for (u32 segment = 0; segment < 3; ++segment) {
    if (segment != 0) out.push_back(1);
    putU32(out, kDataBytes);
    for (u32 i = 0; i < kDataBytes; ++i) out.push_back(static_cast<u8>(i * 37 + segment * 11));
  }
  return out;
}

Bytes Generator::assemble() {
  Bytes codes, funcs;
  u32 defined = static_cast<u32>(funcs_.size()) - importedFuncs_;
  putU32(codes, defined);
  putU32(funcs, defined);
  for (u32 f = importedFuncs_; f < funcs_.size(); ++f) {
    putU32(funcs, funcs_[f].type);
    body(f);
    Bytes code;
    size_t params = signatureOfFunc(f).params.size();
    putU32(code, locals_.size() - params);
    for (size_t l = params; l < locals_.size(); ++l) {
      code.push_back(1);
      putType(code, locals_[l]);
    }
    code.insert(code.end(), code_.begin(), code_.end());
    code.push_back(0x0b);
    putU32(codes, code.size());
    codes.insert(codes.end(), code.begin(), code.end());
  }
  Bytes out = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  Bytes globals = globalSection(), tables, memories, tags;
  putU32(tables, tables_.size() - importedTables_);
  for (u32 t = importedTables_; t < tables_.size(); ++t) {
    bool typed = static_cast<int>(t) == typedTable_;
    if (typed) tables.insert(tables.end(), {0x40, 0x00});
    putTable(tables, tables_[t]);
    if (!typed) continue;
    for (u32 f : callable_) {
      if (funcs_[f].type != tables_[t].elem.heap().typeIndex()) continue;
      tables.push_back(0xd2);
      putU32(tables, f);
      break;
    }
    tables.push_back(0x0b);
  }
  putU32(memories, memories_.size() - importedMemories_);
  for (u32 m = importedMemories_; m < memories_.size(); ++m) putMemory(memories, memories_[m]);
  putSection(out, 1, typeSection());
  putSection(out, 2, importSection());
  putSection(out, 3, funcs);
  putSection(out, 4, tables);
  putSection(out, 5, memories);
  if (tags_.size() > importedTags_) {
    putU32(tags, tags_.size() - importedTags_);
    for (u32 t = importedTags_; t < tags_.size(); ++t) {
      tags.push_back(0);
      putU32(tags, tags_[t]);
    }
    putSection(out, 13, tags);
  }
  putSection(out, 6, globals);
  putSection(out, 7, exportSection());
  putSection(out, 9, elementSection());
  putSection(out, 12, {3});
  putSection(out, 10, codes);
  putSection(out, 11, dataSection());
  return out;
}

Bytes Generator::module() {
  risky_ = e_.below(16) < w_[Group::Risk];
  oldExceptions_ = e_.below(3) == 1;
  makeTypes();
  makeImports();
  makeSpaces();
  makeFunctions();
  return assemble();
}

Bytes entropyOf(u64 seed) {
  Random random(seed * 0x9e3779b97f4a7c15u + 1);
  Bytes entropy(static_cast<size_t>(900 + random.below(2700)));
  for (u8& b : entropy) b = static_cast<u8>(random.next());
  return entropy;
}

RandomProgram randomProgram(Entropy& entropy, const Weights& weights) {
  Generator library(entropy, weights, nullptr);
  RandomProgram out;
  out.library = library.module();
  out.main = Generator(entropy, weights, &library).module();
  return out;
}

}  // namespace bls::test
