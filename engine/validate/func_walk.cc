// The validator's walk over a body: BodySink does the common instructions on values that stay in
// registers.
//
// sp, floor and high are copies of the FuncValidator's; whatever is not done here is handed over
// with them (save) and they are taken back (load). The sink's address never leaves the walk, or it
// would live in memory.
#include "engine/decode/body_decoder.h"
#include "engine/validate/func_validator.h"

namespace bls {
namespace {

// A fixed signature as operand stack entries, v128 twice; entry 0 stands for the address type.
struct EntrySig {
  u32 paramCount = 0;
  u32 resultCount = 0;
  u32 params[8] = {};
  u32 results[4] = {};
};

constexpr EntrySig entrySig(const OpInfo& info) {
  EntrySig sig;
  for (u32 i = 0; i < info.paramCount; ++i) {
    u32 bits = info.params[i] == 'a' ? 0 : ValType::fromLetter(info.params[i]).bits();
    sig.params[sig.paramCount++] = bits;
    if (info.params[i] == 'v') sig.params[sig.paramCount++] = bits;
  }
  for (u32 i = 0; i < info.resultCount; ++i) {
    u32 bits = ValType::fromLetter(info.results[i]).bits();
    sig.results[sig.resultCount++] = bits;
    if (info.results[i] == 'v') sig.results[sig.resultCount++] = bits;
  }
  return sig;
}

constexpr bool isMemoryForm(const OpInfo& info) {
  return info.imm == ImmKind::Mem || info.imm == ImmKind::MemLane;
}
constexpr bool isAtomic(const OpInfo& info) {
  return info.cls >= OpClass::AtomicLoad && info.cls <= OpClass::AtomicNotify;
}
// True for local types that take one entry and are always set: the four number types.
constexpr bool isNumber(u32 bits) { return (bits & 0xff) >= ValType::F64; }

}  // namespace

class BodySink {
 public:
  static constexpr bool kCopyable = true;
  WalkPosition position;

  explicit BodySink(FuncValidator& v) : v_(&v), sp_(v.sp), floor_(v.floor), high_(v.high) {}

  template <Op O>
  BLS_WALK_INLINE Status on(OpTag<O> tag, const ImmOf<O>& imm) {
    if constexpr (OpTag<O>::kInfo.special) {
      save();
      Status status = v_->on(tag, imm);
      load();
      return status;
    } else {
      return fixed<O>(imm);
    }
  }

  BLS_WALK_INLINE Status on(OpTag<Op::Nop>, NoImm) { return {}; }

  BLS_WALK_INLINE Status on(OpTag<Op::LocalGet> tag, IndexImm imm) {
    if (BLS_LIKELY(imm.index < v_->locals.size())) {
      u32 bits = v_->locals[imm.index];
      if (BLS_LIKELY(isNumber(bits))) {
        push(bits);
        v_->loops.read(imm.index);
        return {};
      }
    }
    return handOver(tag, imm);
  }
  BLS_WALK_INLINE Status on(OpTag<Op::LocalSet> tag, IndexImm imm) {
    if (BLS_LIKELY(imm.index < v_->locals.size())) {
      u32 bits = v_->locals[imm.index];
      if (BLS_LIKELY(sp_ != floor_ && sp_[-1] == bits && isNumber(bits))) {
        --sp_;
        v_->loops.write(imm.index);
        return {};
      }
    }
    return handOver(tag, imm);
  }
  BLS_WALK_INLINE Status on(OpTag<Op::LocalTee> tag, IndexImm imm) {
    if (BLS_LIKELY(imm.index < v_->locals.size())) {
      u32 bits = v_->locals[imm.index];
      if (BLS_LIKELY(sp_ != floor_ && sp_[-1] == bits && isNumber(bits))) {
        v_->loops.write(imm.index);
        return {};
      }
    }
    return handOver(tag, imm);
  }
  BLS_WALK_INLINE Status on(OpTag<Op::Drop> tag, NoImm imm) {
    if (BLS_LIKELY(sp_ != floor_ && isNumber(sp_[-1]))) {
      --sp_;
      return {};
    }
    return handOver(tag, imm);
  }
  BLS_WALK_INLINE Status on(OpTag<Op::Select> tag, NoImm imm) {
    if (BLS_LIKELY(sp_ - floor_ >= 3 && sp_[-1] == ValType::I32 && sp_[-2] == sp_[-3] &&
                   isNumber(sp_[-2]))) {
      sp_ -= 2;
      return {};
    }
    return handOver(tag, imm);
  }
  BLS_WALK_INLINE Status on(OpTag<Op::BrIf> tag, IndexImm imm) {
    if (BLS_LIKELY(sp_ != floor_ && sp_[-1] == ValType::I32 && takesNothing(imm.index))) {
      --sp_;
      return {};
    }
    return handOver(tag, imm);
  }
  BLS_WALK_INLINE Status on(OpTag<Op::Br> tag, IndexImm imm) {
    if (BLS_LIKELY(takesNothing(imm.index))) {
      sp_ = floor_;
      v_->frames.back().unreachable = true;
      return {};
    }
    return handOver(tag, imm);
  }

  BodySink fork() const { return BodySink(*this, position.op, position.next); }
  void join(const BodySink& other) {
    position.op = other.position.op;
    position.next = other.position.next;
    sp_ = other.sp_;
    floor_ = other.floor_;
    high_ = other.high_;
  }

  /// Gives the validator its registers back.
  void save() {
    v_->sp = sp_;
    v_->high = high_;
    v_->position.op = position.op;
    v_->position.next = position.next;
  }

 private:
  BodySink(const BodySink& other, const u8* op, const u8* next)
      : v_(other.v_), sp_(other.sp_), floor_(other.floor_), high_(other.high_) {
    position.op = op;
    position.next = next;
  }
  void load() {
    sp_ = v_->sp;
    floor_ = v_->floor;
    high_ = v_->high;
  }
  template <Op O>
  BLS_WALK_INLINE Status handOver(OpTag<O> tag, const ImmOf<O>& imm) {
    save();
    Status status = v_->on(tag, imm);
    load();
    return status;
  }
  BLS_WALK_INLINE void push(u32 bits) {
    *sp_++ = bits;
    high_ = sp_ > high_ ? sp_ : high_;
  }
  // The label exists and a branch to it carries no values.
  BLS_WALK_INLINE bool takesNothing(u32 depth) const {
    return depth < v_->frames.size() &&
           v_->frames.end()[-1 - static_cast<ptrdiff_t>(depth)].labelCount == 0;
  }

  template <Op O>
  BLS_WALK_INLINE Status fixed(const ImmOf<O>& imm) {
    constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
    constexpr EntrySig kSig = entrySig(kInfo);
    constexpr ptrdiff_t kParams = kSig.paramCount;
    if constexpr (kInfo.imm == ImmKind::Lane) {
      if (BLS_UNLIKELY(imm.lane >= kInfo.aux)) return badLane();
    }
    if constexpr (kInfo.imm == ImmKind::MemLane) {
      if (BLS_UNLIKELY(imm.lane >= (16 >> kInfo.aux))) return badLane();
    }
    if constexpr (kInfo.imm == ImmKind::Shuffle) {
      u8 all = 0;
      for (u8 lane : imm.value.bytes) all |= lane;
      if (BLS_UNLIKELY(all >= 32)) return badLane();
    }
    u32 bad = 0;
    if constexpr (isMemoryForm(kInfo)) bad = badMemory<O>(memOf(imm));
    if (BLS_UNLIKELY(sp_ - floor_ < kParams)) return fixedSlow<O>(imm);
    u32* base = sp_ - kParams;
    for (u32 i = 0; i < kSig.paramCount; ++i) {
      bad |= base[i] ^ (kSig.params[i] != 0 ? kSig.params[i] : v_->addressBits);
    }
    if (BLS_UNLIKELY(bad != 0)) return fixedSlow<O>(imm);
    sp_ = base + kSig.resultCount;
    for (u32 i = 0; i < kSig.resultCount; ++i) base[i] = kSig.results[i];
    if constexpr (kSig.resultCount > kSig.paramCount) high_ = sp_ > high_ ? sp_ : high_;
    return {};
  }

  static const MemImm& memOf(const MemImm& imm) { return imm; }
  static const MemImm& memOf(MemImm&&) = delete;
  static const MemImm& memOf(const MemLaneImm& imm) { return imm.mem; }
  template <Op O>
  static BLS_WALK_INLINE u32 badMemory(const MemImm& mem) {
    constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
    u32 bad = mem.memory | static_cast<u32>(mem.offset >> 32);
    if constexpr (isAtomic(kInfo)) {
      bad |= mem.align ^ kInfo.aux;
    } else {
      bad |= mem.align > kInfo.aux ? 1 : 0;
    }
    return bad;
  }
  template <Op O>
  BLS_WALK_INLINE Status fixedSlow(const ImmOf<O>& imm) {
    MemImm mem;
    if constexpr (isMemoryForm(OpTag<O>::kInfo)) mem = memOf(imm);
    save();
    Status status = v_->simple(O, isMemoryForm(OpTag<O>::kInfo) ? &mem : nullptr);
    load();
    return status;
  }
  Status badLane() {
    v_->position = position;
    return v_->failLane();
  }

  FuncValidator* v_;
  u32* sp_;
  u32* floor_;
  u32* high_;
};

Status FuncValidator::validateBody(u32 index) {
  const FuncDecl& decl = m_.funcs[FuncIndex{index}];
  ByteReader file(m_.bytes.span().subspan(decl.bodyOffset), decl.bodyOffset, &diag_);
  ByteReader in;
  Status status = file.sub(decl.bodySize, &in);
  if (status.ok()) status = beginBody(index, in);
  if (status.ok()) {
    BodySink sink(*this);
    status = walkBody(in, sink, m_.features);
    sink.save();
  }
  if (status.ok()) status = expectBodyEnd(in);
  if (BLS_LIKELY(status.ok())) {
    finishBody(index);
    return {};
  }
  diag_.mutableFirst()->section = "code";
  diag_.mutableFirst()->func = index;
  return status;
}

}  // namespace bls
