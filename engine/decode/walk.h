// walkBody: the one loop over instruction bytes, generated from opcodes.def.
//
// Every instruction is handed to a sink as `sink.on(OpTag<Op::X>{}, imm)`, where `imm` is the
// struct of immediates.h that belongs to the row's ImmKind (ImmOf<Op::X>), and which returns
// Status. Before the call `sink.position` is set: `op` points at the opcode, `next` behind the
// immediates. The walk reads until the `end` (or `delegate`) that closes the outermost block, and
// decides what is malformed in an instruction: unknown opcodes, immediates, LEB forms, and
// (kCheckFeatures) features that are off. Matching of `else`, `catch` and `end` to their blocks,
// index ranges and types are the sink's.
//
// The walk and all small readers are forced inline: a sink that is a local variable of the caller,
// is marked kCopyable, and whose `on` is inline and hands its slow paths only values (never
// `this`), lives in registers. forEachTarget and forEachCatch iterate the vectors that immediates
// leave encoded. Spec: binary/instructions.
#pragma once

#include "engine/base/byte_reader.h"
#include "engine/base/sanitized.h"
#include "engine/decode/type_reader.h"
#include "engine/wasm/immediates.h"
#include "engine/wasm/opcodes.h"

namespace bls {

/// Where a sink stands: both point into the walked bytes.
struct WalkPosition {
  const u8* op = nullptr;    // first byte of the current instruction
  const u8* next = nullptr;  // first byte behind its immediates
};

namespace detail {
template <ImmKind K>
struct ImmKindOf {
  using Type = IndexImm;  // all the one-index kinds
};
#define BLS_IMM(kind, type)         \
  template <>                       \
  struct ImmKindOf<ImmKind::kind> { \
    using Type = type;              \
  };
BLS_IMM(None, NoImm)
BLS_IMM(Fence, NoImm)
BLS_IMM(Block, BlockImm)
BLS_IMM(LabelTable, LabelTableImm)
BLS_IMM(TypeTable, IndexPairImm)
BLS_IMM(TableTable, IndexPairImm)
BLS_IMM(MemoryMemory, IndexPairImm)
BLS_IMM(DataMemory, IndexPairImm)
BLS_IMM(ElemTable, IndexPairImm)
BLS_IMM(StructField, IndexPairImm)
BLS_IMM(TypeCount, IndexPairImm)
BLS_IMM(TypeData, IndexPairImm)
BLS_IMM(TypeElem, IndexPairImm)
BLS_IMM(TypeType, IndexPairImm)
BLS_IMM(Mem, MemImm)
BLS_IMM(MemLane, MemLaneImm)
BLS_IMM(Lane, LaneImm)
BLS_IMM(Shuffle, V128Imm)
BLS_IMM(V128, V128Imm)
BLS_IMM(I32, I32Imm)
BLS_IMM(I64, I64Imm)
BLS_IMM(F32, F32Imm)
BLS_IMM(F64, F64Imm)
BLS_IMM(SelectTypes, SelectImm)
BLS_IMM(HeapType, HeapTypeImm)
BLS_IMM(TryTable, TryTableImm)
BLS_IMM(CastLabel, CastLabelImm)
#undef BLS_IMM
}  // namespace detail

template <Op O>
using ImmOf = typename detail::ImmKindOf<OpTag<O>::kInfo.imm>::Type;

/// True for instructions that open a block (which `end` or `delegate` closes).
constexpr bool opensBlock(Op op) {
  ImmKind imm = opInfo(op).imm;
  return imm == ImmKind::Block || imm == ImmKind::TryTable;
}
constexpr bool closesBlock(Op op) { return op == Op::End || op == Op::Delegate; }

/// The walk's cursor: a ByteReader kept in two registers. Slow cases go through the real reader.
class BodyCursor {
 public:
  BodyCursor(ByteReader& in, Features features)
      : p(in.pos()), end_(in.end()), in_(&in), features_(features) {}
  /// Member by member: g++ would keep both sides of a block copy in memory.
  BodyCursor(const BodyCursor& other)
      : p(other.p), end_(other.end_), in_(other.in_), features_(other.features_) {}
  BodyCursor& operator=(const BodyCursor&) = delete;

  const u8* p;
  bool atEnd() const { return p == end_; }
  Features features() const { return features_; }
  ByteReader& reader() const { return *in_; }
  /// Puts the position back into the reader, for errors and for the end of the walk.
  void sync() const { in_->setPos(p); }

#if defined(BLS_SANITIZED)
#define BLS_WALK_INLINE \
  inline  // forced, the checks of every instruction meet in one function: minutes to build
#else
#define BLS_WALK_INLINE __attribute__((always_inline)) inline
#endif
  BLS_WALK_INLINE Status byte(u8* out) {
    if (BLS_UNLIKELY(p == end_)) return slow(&ByteReader::byte, out);
    *out = *p++;
    return {};
  }
  BLS_WALK_INLINE Status lebU32(u32* out) {
    if (BLS_LIKELY(p != end_ && *p < 0x80)) {
      *out = *p++;
      return {};
    }
    if (BLS_LIKELY(end_ - p > 1 && p[1] < 0x80)) {
      *out = (p[0] & 0x7fu) | static_cast<u32>(p[1]) << 7;
      p += 2;
      return {};
    }
    return slow(&ByteReader::lebU32, out);
  }
  BLS_WALK_INLINE Status lebU64(u64* out) {
    if (BLS_LIKELY(p != end_ && *p < 0x80)) {
      *out = *p++;
      return {};
    }
    if (BLS_LIKELY(end_ - p > 1 && p[1] < 0x80)) {
      *out = (p[0] & 0x7fu) | static_cast<u32>(p[1]) << 7;
      p += 2;
      return {};
    }
    return slow(&ByteReader::lebU64, out);
  }
  BLS_WALK_INLINE Status lebI32(u32* out) {
    if (BLS_LIKELY(p != end_ && *p < 0x80)) {
      *out = static_cast<u32>(static_cast<i32>(static_cast<u32>(*p++) << 25) >> 25);
      return {};
    }
    if (BLS_LIKELY(end_ - p > 1 && p[1] < 0x80)) {
      u32 bits = (p[0] & 0x7fu) | static_cast<u32>(p[1]) << 7;
      *out = static_cast<u32>(static_cast<i32>(bits << 18) >> 18);
      p += 2;
      return {};
    }
    i32 value = 0;
    TRY(slow(&ByteReader::lebI32, &value));
    *out = static_cast<u32>(value);
    return {};
  }
  BLS_WALK_INLINE Status lebI64(u64* out) {
    if (BLS_LIKELY(p != end_ && *p < 0x80)) {
      *out = static_cast<u64>(static_cast<i64>(static_cast<u64>(*p++) << 57) >> 57);
      return {};
    }
    i64 value = 0;
    TRY(slow(&ByteReader::lebI64, &value));
    *out = static_cast<u64>(value);
    return {};
  }
  template <class T>
  BLS_WALK_INLINE Status fixed(T* out) {
    if (BLS_UNLIKELY(static_cast<size_t>(end_ - p) < sizeof(T)))
      return slow(&ByteReader::fixed<T>, out);
    std::memcpy(out, p, sizeof(T));
    p += sizeof(T);
    return {};
  }
  /// Runs a reader function `Status f(ByteReader&, Features, T*)` from here.
  template <class T>
  BLS_WALK_INLINE Status with(Status (*read)(ByteReader&, Features, T*), T* out) {
    sync();
    T value{};
    Status status = read(*in_, features_, &value);
    p = in_->pos();
    *out = value;
    return status;
  }

 private:
  // Keeps the address of `*out` from escaping, so that callers' immediates stay in registers.
  template <class T>
  BLS_WALK_INLINE Status slow(Status (ByteReader::*read)(T*), T* out) {
    sync();
    T value{};
    Status status = (in_->*read)(&value);
    p = in_->pos();
    *out = value;
    return status;
  }

  const u8* end_;
  ByteReader* in_;
  Features features_;
};

namespace walk {

/// Readers of the immediates that are not one or two plain numbers. All of them are out of line.
Status readMemSlow(ByteReader& in, Features features, MemImm* out);
Status readZeroOrIndex(ByteReader& in, Features features, Feature feature, u32* out);
Status readLabelTable(ByteReader& in, Features features, LabelTableImm* out);
Status readSelectTypes(ByteReader& in, Features features, SelectImm* out);
Status readTryTable(ByteReader& in, Features features, TryTableImm* out);
Status readCastLabel(ByteReader& in, Features features, CastLabelImm* out);
Status readFence(ByteReader& in, Features features, NoImm* out);
inline Status readMemoryIndex(ByteReader& in, Features features, IndexImm* out) {
  return readZeroOrIndex(in, features, Feature::MultiMemory, &out->index);
}

BLS_WALK_INLINE Status readMem(BodyCursor& in, MemImm* out) {
  // Commonest form: alignment below 64 (no memory index) and an offset that fits one or two bytes.
  u32 flags = 0;
  const u8* start = in.p;
  TRY(in.lebU32(&flags));
  if (BLS_UNLIKELY(flags >= 0x40)) {
    in.p = start;
    return in.with(&readMemSlow, out);
  }
  out->align = flags;
  out->memory = 0;
  TRY(in.lebU64(&out->offset));
  if (BLS_UNLIKELY(out->offset > 0xffffffffu) && !in.features().has(Feature::Memory64)) {
    in.p = start;
    return in.with(&readMemSlow, out);
  }
  return {};
}

template <ImmKind K, class T>
BLS_WALK_INLINE Status readImm(BodyCursor& in, T* out) {
  if constexpr (K == ImmKind::None) {
    return {};
  } else if constexpr (K == ImmKind::Fence) {
    return in.with(&readFence, out);
  } else if constexpr (K == ImmKind::Block) {
    if (BLS_LIKELY(!in.atEnd() && *in.p == 0x40)) {
      ++in.p;
      return {};
    }
    return in.with(&readBlockType, out);
  } else if constexpr (K == ImmKind::LabelTable) {
    return in.with(&readLabelTable, out);
  } else if constexpr (K == ImmKind::Memory) {
    return in.with(&readMemoryIndex, out);
  } else if constexpr (K == ImmKind::MemoryMemory || K == ImmKind::DataMemory ||
                       K == ImmKind::TypeTable) {
    if constexpr (K == ImmKind::MemoryMemory) {
      if (BLS_UNLIKELY(!in.features().has(Feature::MultiMemory))) {
        IndexImm first;
        TRY(in.with(&readMemoryIndex, &first));
        out->first = first.index;
      } else {
        TRY(in.lebU32(&out->first));
      }
    } else {
      TRY(in.lebU32(&out->first));
    }
    constexpr Feature kFeature = K == ImmKind::TypeTable ? Feature::RefTypes : Feature::MultiMemory;
    if (BLS_LIKELY(in.features().has(kFeature))) return in.lebU32(&out->second);
    in.sync();
    u32 second = 0;
    Status status = readZeroOrIndex(in.reader(), in.features(), kFeature, &second);
    in.p = in.reader().pos();
    out->second = second;
    return status;
  } else if constexpr (K == ImmKind::Mem) {
    return readMem(in, out);
  } else if constexpr (K == ImmKind::MemLane) {
    TRY(readMem(in, &out->mem));
    return in.byte(&out->lane);
  } else if constexpr (K == ImmKind::Lane) {
    return in.byte(&out->lane);
  } else if constexpr (K == ImmKind::Shuffle || K == ImmKind::V128) {
    return in.fixed(&out->value);
  } else if constexpr (K == ImmKind::I32) {
    return in.lebI32(&out->value);
  } else if constexpr (K == ImmKind::I64) {
    return in.lebI64(&out->value);
  } else if constexpr (K == ImmKind::F32 || K == ImmKind::F64) {
    return in.fixed(&out->bits);
  } else if constexpr (K == ImmKind::SelectTypes) {
    return in.with(&readSelectTypes, out);
  } else if constexpr (K == ImmKind::HeapType) {
    return in.with(&readHeapType, &out->heap);
  } else if constexpr (K == ImmKind::TryTable) {
    return in.with(&readTryTable, out);
  } else if constexpr (K == ImmKind::CastLabel) {
    return in.with(&readCastLabel, out);
  } else if constexpr (std::is_same_v<T, IndexPairImm>) {
    TRY(in.lebU32(&out->first));
    return in.lebU32(&out->second);
  } else {
    static_assert(std::is_same_v<T, IndexImm>);
    return in.lebU32(&out->index);
  }
}

/// Out of line for sinks that are not worth their code size.
template <ImmKind K, class T>
[[gnu::noinline]] Status readImmCold(BodyCursor& in, T* out) {
  return readImm<K>(in, out);
}

/// The bytes end where an instruction should begin.
[[gnu::cold, gnu::noinline]] Status failNoEnd(ByteReader& in);
[[gnu::cold, gnu::noinline]] Status failOpcode(ByteReader& in, const u8* at, u8 prefix, u32 code);
[[gnu::cold, gnu::noinline]] Status failOpcodeOff(ByteReader& in, const u8* at, u8 prefix, u32 code,
                                                  Feature feature);

/// What one instruction does; expanded in place because nested forced inlining is quadratic in g++.
#define BLS_WALK_CASE(name, byte_)                                                             \
  case byte_: {                                                                                \
    constexpr const OpInfo& kInfo = OpTag<Op::name>::kInfo;                                    \
    if constexpr (kCheckFeatures && kInfo.feature != Feature::Mvp) {                           \
      if (BLS_UNLIKELY(!in.features().has(kInfo.feature))) {                                   \
        return walk::failOpcodeOff(in.reader(), at, kInfo.prefix, kInfo.code, kInfo.feature);  \
      }                                                                                        \
    }                                                                                          \
    ImmOf<Op::name> imm;                                                                       \
    if constexpr (requires { Sink::kCold; }) {                                                 \
      if constexpr (kInfo.imm != ImmKind::None) TRY((walk::readImmCold<kInfo.imm>(in, &imm))); \
    } else {                                                                                   \
      TRY((walk::readImm<kInfo.imm>(in, &imm)));                                               \
    }                                                                                          \
    sink.position.op = at;                                                                     \
    sink.position.next = in.p;                                                                 \
    if constexpr (opensBlock(Op::name)) ++depth;                                               \
    if constexpr (closesBlock(Op::name)) --depth;                                              \
    TRY(sink.on(OpTag<Op::name>{}, imm));                                                      \
    break;                                                                                     \
  }

/// The instructions behind a prefix byte, one function per prefix; `at` is where the prefix stands.
#define BLS_WALK_PREFIX(FUNCTION)                                                         \
  template <bool kCheckFeatures, class Sink>                                              \
  [[gnu::noinline]] Status FUNCTION(BodyCursor& in, Sink& sink, const u8* at) {           \
    u32 opcode = 0;                                                                       \
    [[maybe_unused]] u32 depth = 0; /* no prefixed instruction opens or closes a block */ \
    TRY(in.lebU32(&opcode));                                                              \
    switch (opcode) {
#define BLS_WALK_PREFIX_END                                 \
  default: return failOpcode(in.reader(), at, *at, opcode); \
    }                                                       \
    return {};                                              \
    }

#define OP(name, prefix, code, ...) BLS_ROW_##prefix(name, code)
#define BLS_ROW_0x00(name, code)
#define BLS_ROW_0xfb(name, code) BLS_WALK_CASE(name, code)
#define BLS_ROW_0xfc(name, code)
#define BLS_ROW_0xfd(name, code)
#define BLS_ROW_0xfe(name, code)
BLS_WALK_PREFIX(walkGc)
#include "engine/wasm/opcodes.def"
BLS_WALK_PREFIX_END
#undef BLS_ROW_0xfb
#undef BLS_ROW_0xfc
#define BLS_ROW_0xfb(name, code)
#define BLS_ROW_0xfc(name, code) BLS_WALK_CASE(name, code)
BLS_WALK_PREFIX(walkMisc)
#include "engine/wasm/opcodes.def"
BLS_WALK_PREFIX_END
#undef BLS_ROW_0xfc
#undef BLS_ROW_0xfd
#define BLS_ROW_0xfc(name, code)
#define BLS_ROW_0xfd(name, code) BLS_WALK_CASE(name, code)
BLS_WALK_PREFIX(walkSimd)
#include "engine/wasm/opcodes.def"
BLS_WALK_PREFIX_END
#undef BLS_ROW_0xfd
#undef BLS_ROW_0xfe
#define BLS_ROW_0xfd(name, code)
#define BLS_ROW_0xfe(name, code) BLS_WALK_CASE(name, code)
BLS_WALK_PREFIX(walkAtomic)
#include "engine/wasm/opcodes.def"
BLS_WALK_PREFIX_END
#undef BLS_ROW_0x00
#undef BLS_ROW_0xfe
#define BLS_ROW_0x00(name, code) BLS_WALK_CASE(name, code)
#define BLS_ROW_0xfe(name, code)
#undef BLS_WALK_PREFIX
#undef BLS_WALK_PREFIX_END

/// Hands a small sink (one that says `static constexpr bool kCopyable = true` and has fork() and
/// join(other), both member by member) to a function by copy, so that the caller's own stays in
/// registers; others by reference.
template <class Sink>
BLS_WALK_INLINE Status outOfLine(Status (*prefixed)(BodyCursor&, Sink&, const u8*), BodyCursor& in,
                                 Sink& sink, const u8* at) {
  BodyCursor cursor(in);
  Status status;
  if constexpr (requires { Sink::kCopyable; }) {
    Sink copy = sink.fork();
    status = prefixed(cursor, copy, at);
    sink.join(copy);
  } else {
    status = prefixed(cursor, sink, at);
  }
  in.p = cursor.p;
  return status;
}

}  // namespace walk

/// Walks the instructions of `in` up to and with the `end` of the outermost block; `in` then stands
/// behind it. Fails with the sink's error or Malformed. kCheckFeatures = false is for bytes that
/// have been validated with the same features.
template <bool kCheckFeatures = true, class Sink>
BLS_WALK_INLINE Status walkBody(ByteReader& reader, Sink& sink, Features features) {
  BodyCursor in(reader, features);
  u32 depth = 1;
  do {
    const u8* at = in.p;
    if (BLS_UNLIKELY(in.atEnd())) return walk::failNoEnd(reader);
    u8 opcode = *in.p++;
    switch (opcode) {
#include "engine/wasm/opcodes.def"
      case 0xfb: TRY((walk::outOfLine(&walk::walkGc<kCheckFeatures, Sink>, in, sink, at))); break;
      case 0xfc: TRY((walk::outOfLine(&walk::walkMisc<kCheckFeatures, Sink>, in, sink, at))); break;
      case 0xfd: TRY((walk::outOfLine(&walk::walkSimd<kCheckFeatures, Sink>, in, sink, at))); break;
      case 0xfe:
        TRY((walk::outOfLine(&walk::walkAtomic<kCheckFeatures, Sink>, in, sink, at)));
        break;
      default: return walk::failOpcode(reader, at, 0, opcode);
    }
  } while (depth != 0);
  in.sync();
  return {};
}

#undef OP
#undef BLS_ROW_0x00
#undef BLS_ROW_0xfb
#undef BLS_ROW_0xfc
#undef BLS_ROW_0xfd
#undef BLS_ROW_0xfe
#undef BLS_WALK_CASE

/// Calls `fn(u32 label)` for each of the `count + 1` targets of a br_table (the default is last)
/// until one fails.
template <class Fn>
Status forEachTarget(const LabelTableImm& imm, Diagnostics* diag, Fn fn) {
  ByteReader in(imm.bytes, 0, diag);
  for (u64 i = 0; i <= imm.count; ++i) {
    u32 label = 0;
    TRY(in.lebU32(&label));
    TRY(fn(label));
  }
  return {};
}

/// Reads one catch clause; `in` is over TryTableImm::bytes or the module.
Status readCatchClause(ByteReader& in, CatchClause* out);

/// Calls `fn(const CatchClause&)` for each clause until one fails.
template <class Fn>
Status forEachCatch(const TryTableImm& imm, Diagnostics* diag, Fn fn) {
  ByteReader in(imm.bytes, 0, diag);
  for (u32 i = 0; i < imm.count; ++i) {
    CatchClause clause;
    TRY(readCatchClause(in, &clause));
    TRY(fn(clause));
  }
  return {};
}

}  // namespace bls
