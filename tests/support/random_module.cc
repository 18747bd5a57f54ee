// The generator: functions of random types whose bodies are statements and typed expressions. See
// random_module.h.
#include "tests/support/random_module.h"

#include "engine/wasm/opcodes.h"

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

namespace {

constexpr char kTypes[] = {'i', 'l', 'f', 'd', 'v'};
constexpr u32 kPages = 2;

u8 typeByte(char letter) {
  switch (letter) {
    case 'i': return 0x7f;
    case 'l': return 0x7e;
    case 'f': return 0x7d;
    case 'd': return 0x7c;
    default: return 0x7b;
  }
}

struct Signature {
  std::string params;
  std::string results;
};

// Rows of the table that a generated body may use, by their first result ('n' for none).
struct Rows {
  std::vector<Op> byResult[128];
};
const Rows& rows() {
  static const Rows kRows = [] {
    Rows out;
    for (u32 i = 0; i < kOpCount; ++i) {
      const OpInfo& info = kOpInfo[i];
      bool runs = info.feature != Feature::RelaxedSimd && info.feature != Feature::Threads &&
                  info.feature != Feature::WideArithmetic;
      if (info.special || !runs || info.cls == OpClass::Const) continue;
      out.byResult[info.resultCount == 0 ? 'n' : static_cast<u8>(info.results[0])].push_back(
          static_cast<Op>(i));
    }
    return out;
  }();
  return kRows;
}

class Generator {
 public:
  explicit Generator(Entropy& e) : e_(e) {}
  Bytes module();

 private:
  char anyType() { return kTypes[e_.below(5)]; }
  void op(u8 byte) { code_.push_back(byte); }
  void ops(std::initializer_list<u8> bytes) { code_.insert(code_.end(), bytes); }
  void constant(char type);
  void plain(Op row, u32 depth);
  void memArg(const OpInfo& info);
  void expr(char type, u32 depth);
  void condition(u32 depth);
  void structured(char type, u32 depth);
  void statement(u32 depth);
  void bulk(u32 depth);
  void callTo(u32 func, u32 depth);
  void body(u32 func);
  int localOf(char type);

  Entropy& e_;
  Bytes code_;
  std::vector<Signature> funcs_;
  std::string locals_;
  std::vector<std::string> labels_;  // result types a branch must leave; innermost last
  u32 left_ = 0;                     // instructions this body may still have
};

void Generator::constant(char type) {
  static constexpr i64 kInteresting[] = {0,
                                         1,
                                         -1,
                                         2,
                                         7,
                                         31,
                                         32,
                                         63,
                                         64,
                                         127,
                                         128,
                                         255,
                                         65535,
                                         65536,
                                         131071,
                                         0x7fffffff,
                                         -0x80000000ll,
                                         0x7fffffffffffffffll,
                                         static_cast<i64>(0x8000000000000000ull)};
  u64 bits = e_.below(2) ? static_cast<u64>(kInteresting[e_.below(19)]) : e_.bits64();
  switch (type) {
    case 'i':
      op(0x41);
      putI64(code_, static_cast<i32>(bits));
      break;
    case 'l':
      op(0x42);
      putI64(code_, static_cast<i64>(bits));
      break;
    case 'f':
    case 'd': {
      static constexpr double kFloats[] = {0.0,    -0.0,  1.0,          -1.5,
                                           1e10,   -3e38, 2147483648.0, 4294967296.0,
                                           9.3e18, 1e-40, 0.1,          123456.75};
      double value = kFloats[e_.below(12)];
      u64 wide = e_.below(4) == 0 ? bits : __builtin_bit_cast(u64, value);
      u32 narrow = e_.below(4) == 0 ? static_cast<u32>(bits)
                                    : __builtin_bit_cast(u32, static_cast<float>(value));
      op(type == 'f' ? 0x43 : 0x44);
      for (int i = 0; i < (type == 'f' ? 4 : 8); ++i) {
        op(static_cast<u8>((type == 'f' ? u64{narrow} : wide) >> (8 * i)));
      }
      break;
    }
    default:
      ops({0xfd, 12});
      for (int i = 0; i < 16; ++i)
        op(static_cast<u8>(bits >> (8 * (i % 8)) ^ static_cast<u64>(i / 8 * 0x55)));
  }
}

void Generator::memArg(const OpInfo& info) {
  putU32(code_, e_.below(info.aux + 1u));
  u32 kind = e_.below(8);
  putU32(code_, kind == 0   ? 0xfffffff0u + e_.below(16)
                : kind == 1 ? 65536 * kPages - e_.below(20)
                            : e_.below(200));
}

void Generator::plain(Op row, u32 depth) {
  const OpInfo& info = opInfo(row);
  for (u32 i = 0; i < info.paramCount; ++i) {
    char letter = info.params[i] == 'a' ? 'i' : info.params[i];
    expr(letter, depth);
    // Addresses mostly inside the memory.
    if (info.params[i] == 'a' && e_.below(8) != 0) {
      op(0x41);
      putI64(code_, 0xffff);
      op(0x71);
    }
  }
  if (info.prefix == 0) {
    op(static_cast<u8>(info.code));
  } else {
    op(info.prefix);
    putU32(code_, info.code);
  }
  switch (info.imm) {
    case ImmKind::Mem: memArg(info); break;
    case ImmKind::MemLane:
      memArg(info);
      op(static_cast<u8>(e_.below(16u >> info.aux)));
      break;
    case ImmKind::Lane: op(static_cast<u8>(e_.below(info.aux))); break;
    case ImmKind::Shuffle:
      for (int i = 0; i < 16; ++i) op(static_cast<u8>(e_.below(32)));
      break;
    default: break;
  }
}

int Generator::localOf(char type) {
  u32 start = e_.below(static_cast<u32>(locals_.size()));
  for (u32 i = 0; i < locals_.size(); ++i) {
    u32 at = (start + i) % static_cast<u32>(locals_.size());
    if (locals_[at] == type) return static_cast<int>(at);
  }
  return -1;
}

void Generator::condition(u32 depth) { expr('i', depth); }

// A block, if or loop that leaves one value of `type`.
void Generator::structured(char type, u32 depth) {
  u32 kind = e_.below(3);
  if (kind == 1) condition(depth);
  op(static_cast<u8>(kind == 0 ? 0x02 : kind == 1 ? 0x04 : 0x03));
  op(typeByte(type));
  labels_.push_back(kind == 2 ? "" : std::string(1, type));
  for (u32 n = e_.below(3); n > 0; --n) statement(depth);
  expr(type, depth);
  if (kind == 1) {
    op(0x05);
    expr(type, depth);
  }
  labels_.pop_back();
  op(0x0b);
}

void Generator::callTo(u32 func, u32 depth) {
  for (char p : funcs_[func].params) expr(p, depth);
  if (e_.below(3) == 0) {
    // Through the table; entries are the functions in order, then nothing.
    if (e_.below(4) == 0) {
      condition(depth);
      op(0x41);
      putI64(code_, 7);
      op(0x71);
    } else {
      op(0x41);
      putI64(code_, static_cast<i64>(func));
    }
    op(0x11);
    putU32(code_, func);
    op(0);
  } else {
    op(0x10);
    putU32(code_, func);
  }
}

void Generator::expr(char type, u32 depth) {
  u32 choice = depth == 0 || left_ == 0 || e_.spent() ? e_.below(2) : e_.below(12);
  if (left_ > 0) --left_;
  switch (choice) {
    case 0: constant(type); return;
    case 1: {
      int local = localOf(type);
      if (local < 0) return constant(type);
      op(0x20);
      putU32(code_, static_cast<u64>(local));
      return;
    }
    case 2: {
      for (u32 g = 0; g < 5; ++g) {
        if (kTypes[g] != type) continue;
        op(0x23);
        putU32(code_, g);
      }
      return;
    }
    case 3: {
      int local = localOf(type);
      expr(type, depth - 1);
      if (local < 0) return;
      op(0x22);
      putU32(code_, static_cast<u64>(local));
      return;
    }
    case 4: {
      expr(type, depth - 1);
      expr(type, depth - 1);
      condition(depth - 1);
      op(0x1b);
      return;
    }
    case 5: return structured(type, depth - 1);
    case 6: {
      u32 start = e_.below(static_cast<u32>(funcs_.size()));
      for (u32 i = 0; i < funcs_.size(); ++i) {
        u32 func = (start + i) % static_cast<u32>(funcs_.size());
        if (funcs_[func].results != std::string(1, type)) continue;
        return callTo(func, depth - 1);
      }
      return constant(type);
    }
    case 7:
      if (type == 'i') {
        ops({0x3f, 0});
        return;
      }
      [[fallthrough]];
    default: {
      const std::vector<Op>& options = rows().byResult[static_cast<u8>(type)];
      return plain(options[e_.below(static_cast<u32>(options.size()))], depth - 1);
    }
  }
}

void Generator::bulk(u32 depth) {
  static constexpr u8 kMemory[][4] = {{0xfc, 11, 0}, {0xfc, 10, 0, 0}, {0xfc, 8, 0, 0}};
  u32 kind = e_.below(5);
  if (kind < 3) {
    for (u32 i = 0; i < 3; ++i) {
      if (i == 2 || e_.below(2)) {
        op(0x41);
        putI64(code_, e_.below(300));
      } else {
        condition(depth);
      }
    }
    for (u32 i = 0; i < (kind == 0 ? 3u : 4u); ++i) op(kMemory[kind][i]);
  } else if (kind == 3) {
    ops({0x41, 1, 0x40, 0, 0x1a});  // memory.grow 1
  } else {
    condition(depth);
    condition(depth);
    ops({0x41, 2, 0xfc, 14, 0, 0});  // table.copy of two
  }
}

void Generator::statement(u32 depth) {
  if (left_ == 0) return;
  --left_;
  u32 inner = depth == 0 ? 0 : depth - 1;
  switch (e_.below(13)) {
    case 0:
    case 1:
    case 2: {
      u32 local = e_.below(static_cast<u32>(locals_.size()));
      expr(locals_[local], inner);
      op(0x21);
      putU32(code_, local);
      return;
    }
    case 3: {
      u32 g = e_.below(5);
      expr(kTypes[g], inner);
      op(0x24);
      putU32(code_, g);
      return;
    }
    case 4:
    case 5: {
      const std::vector<Op>& stores = rows().byResult['n'];
      return plain(stores[e_.below(static_cast<u32>(stores.size()))], inner);
    }
    case 6: {
      condition(inner);
      ops({0x04, 0x40});
      labels_.push_back("");
      statement(inner);
      if (e_.below(2)) {
        op(0x05);
        statement(inner);
      }
      labels_.pop_back();
      op(0x0b);
      return;
    }
    case 7: {
      // A loop that counts a local down and so usually ends.
      int counter = localOf('i');
      ops({0x03, 0x40});
      labels_.push_back("");
      statement(inner);
      statement(inner);
      labels_.pop_back();
      if (counter >= 0) {
        u8 local = static_cast<u8>(counter);
        ops({0x20, local, 0x41, 1, 0x6b, 0x22, local, 0x0d, 0});
      }
      op(0x0b);
      return;
    }
    case 8: {
      // br_if or br to a label that takes nothing or one value.
      u32 target = e_.below(static_cast<u32>(labels_.size()));
      const std::string types = labels_[labels_.size() - 1 - target];
      if (types.size() > 1) return;
      if (types.size() == 1) expr(types[0], inner);
      condition(inner);
      op(0x0d);
      putU32(code_, target);
      if (types.size() == 1) op(0x1a);
      return;
    }
    case 9: {
      ops({0x02, 0x40, 0x02, 0x40});
      labels_.push_back("");
      labels_.push_back("");
      statement(inner);
      condition(inner);
      ops({0x0e, 2, 0, 1, 1});
      labels_.pop_back();
      op(0x0b);
      statement(inner);
      labels_.pop_back();
      op(0x0b);
      return;
    }
    case 10: {
      u32 func = e_.below(static_cast<u32>(funcs_.size()));
      callTo(func, inner);
      for (size_t i = 0; i < funcs_[func].results.size(); ++i) op(0x1a);
      return;
    }
    case 11: return bulk(inner);
    default: {
      char type = anyType();
      expr(type, inner);
      op(0x1a);
    }
  }
}

void Generator::body(u32 func) {
  code_.clear();
  locals_ = funcs_[func].params + "iiilld";
  for (u32 n = e_.below(6); n > 0; --n) locals_ += anyType();
  labels_ = {funcs_[func].results};
  left_ = 30 + e_.below(220);
  for (u32 n = 1 + e_.below(10); n > 0; --n) statement(3);
  if (e_.below(12) == 0) {
    // A tail call to a function with the same results.
    for (u32 f = 0; f < funcs_.size(); ++f) {
      if (funcs_[f].results != funcs_[func].results || f == func) continue;
      for (char p : funcs_[f].params) expr(p, 1);
      op(0x12);
      putU32(code_, f);
      return;
    }
  }
  for (char r : funcs_[func].results) expr(r, 3);
}

Bytes entry(const Bytes& content) {
  Bytes out;
  putU32(out, content.size());
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes Generator::module() {
  u32 count = 1 + e_.below(4);
  funcs_.push_back({"", ""});
  for (u32 i = 0; i < count; ++i) {
    Signature s;
    for (u32 n = e_.below(5); n > 0; --n) s.params += anyType();
    for (u32 n = e_.below(6) == 0 ? 2 : e_.below(4) == 0 ? 0 : 1; n > 0; --n)
      s.results += anyType();
    funcs_.push_back(s);
  }
  Bytes types, funcs, exports, globals, elems, codes;
  putU32(types, funcs_.size());
  putU32(funcs, funcs_.size());
  putU32(codes, funcs_.size());
  for (u32 i = 0; i < funcs_.size(); ++i) {
    types.push_back(0x60);
    for (const std::string* list : {&funcs_[i].params, &funcs_[i].results}) {
      putU32(types, list->size());
      for (char c : *list) types.push_back(typeByte(c));
    }
    putU32(funcs, i);
    body(i);
    Bytes code;
    size_t own = locals_.size() - funcs_[i].params.size();
    putU32(code, own);
    for (size_t l = funcs_[i].params.size(); l < locals_.size(); ++l) {
      code.push_back(1);
      code.push_back(typeByte(locals_[l]));
    }
    code.insert(code.end(), code_.begin(), code_.end());
    code.push_back(0x0b);
    Bytes sized = entry(code);
    codes.insert(codes.end(), sized.begin(), sized.end());
  }
  Bytes out = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  putSection(out, 1, types);
  putSection(out, 3, funcs);
  putSection(out, 4, {1, 0x70, 0, 8});
  putSection(out, 5, {1, 1, kPages, kPages + 2});
  globals.push_back(5);
  exports.push_back(7);
  for (u8 g = 0; g < 5; ++g) {
    globals.push_back(typeByte(kTypes[g]));
    globals.push_back(1);
    code_.clear();
    constant(kTypes[g]);
    globals.insert(globals.end(), code_.begin(), code_.end());
    globals.push_back(0x0b);
    Bytes name = {2, 'g', static_cast<u8>('0' + g), 3, g};
    exports.insert(exports.end(), name.begin(), name.end());
  }
  Bytes more = {3, 'r', 'u', 'n', 0, 0, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0};
  exports.insert(exports.end(), more.begin(), more.end());
  putSection(out, 6, globals);
  putSection(out, 7, exports);
  elems = {1, 0, 0x41, 0, 0x0b};
  putU32(elems, funcs_.size());
  for (u32 i = 0; i < funcs_.size(); ++i) putU32(elems, i);
  putSection(out, 9, elems);
  putSection(out, 12, {1});
  putSection(out, 10, codes);
  Bytes data = {1, 1};
  putU32(data, 64);
  for (u32 i = 0; i < 64; ++i) data.push_back(static_cast<u8>(i * 37));
  putSection(out, 11, data);
  return out;
}

}  // namespace

Bytes randomModule(Entropy& entropy) { return Generator(entropy).module(); }

}  // namespace bls::test
