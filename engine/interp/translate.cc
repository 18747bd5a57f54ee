// The translator's core: emission of cells, places of values, locals and globals, and the walk that
// drives it.
#include "engine/interp/translate.h"

#include <algorithm>

#include "engine/decode/body_decoder.h"
#include "engine/interp/translate_sink.h"

namespace bls::interp {

Translator::Translator(const InterpModule& module, u32 funcIndex, const VariantSet& variants,
                       bool wantOrigins, bool farBranches)
    : module_(module),
      m_(module.module()),
      funcIndex_(funcIndex),
      schedule_(module.schedule()),
      metered_(module.options().metered),
      saves_(module.options().metered && module.options().savedFuel),
      deterministic_(module.options().deterministic),
      useAcc_(variants.accumulators),
      guard_(variants.guard),
      farBranches_(farBranches),
      wantOrigins_(wantOrigins) {}

bool Translator::run() {
  const FuncDecl& decl = m_.funcs[FuncIndex{funcIndex_}];
  const FuncType& type = m_.funcTypeOf(funcIndex_);
  std::span<const u8> body = m_.body(decl);
  bodyStart_ = body.data();
  Diagnostics diag;
  ByteReader in(body, decl.bodyOffset, &diag);
  std::vector<ValType> locals = type.params;
  CHECK(readLocals(in, m_.features, &locals).ok());
  u32 slot = 0;
  localTypes_.reserve(locals.size());
  localSlots_.reserve(locals.size());
  for (ValType local : locals) {
    localTypes_.push_back(letterOf(local));
    localSlots_.push_back(slot);
    slot += local.slots();
  }
  aliases_.assign(locals.size(), kNone);
  for (size_t i = 0; i < localTypes_.size(); ++i) {
    if (isTraced(localTypes_[i]))
      out_.tables.locals.push_back({localSlots_[i], kNone, localTypes_[i] == 'e'});
  }
  for (u32 i = 0; i < module_.metaOf(funcIndex_).exceptionSlots; ++i) {
    out_.tables.locals.push_back({slot++, kNone, false});
  }
  operandBase_ = slot + kLinkSlots;
  wide_ = operandBase_ + module_.metaOf(funcIndex_).maxOperandSlots >
          0xfffe;  // br_on_cast puts one more on top
  if (wide_) useAcc_ = false;
  out_.cells.reserve(body.size() / 3 + 4);
  out_.isData.reserve(body.size() / 3 + 4);

  Control func;
  func.kind = Control::Func;
  func.base = operandBase_;
  func.results = type.results;
  controls_.push_back(func);
  TranslateSink sink{*this, {}, false};
  CHECK((walkBody<false>(in, sink, m_.features).ok()));
  finishTables();
  return !outOfReach_;
}

Translation translateFunction(const InterpModule& module, u32 funcIndex, const VariantSet& variants,
                              bool wantOrigins) {
  for (bool farBranches : {false, true}) {
    Translator translator(module, funcIndex, variants, wantOrigins, farBranches);
    if (translator.run()) return translator.take();
  }
  UNREACHABLE("branch out of reach");
}

// ---- Emission

u32 Translator::emit(H h, u32 a, u32 b, u32 c, u32 d) {
  DCHECK(a <= 0xffff && b <= 0xffff && c <= 0xffff && d <= 0xffff);
  out_.cells.push_back({static_cast<u64>(h), static_cast<u16>(a), static_cast<u16>(b),
                        static_cast<u16>(c), static_cast<u16>(d)});
  out_.isData.push_back(0);
  if (wantOrigins_) out_.origins.push_back({position_, pending_});
  return cellCount() - 1;
}
u32 Translator::emitImm(H h, u32 a, u32 b, u32 imm) {
  return emit(h, a, b, imm & 0xffff, imm >> 16);
}

u32 Translator::emitData(u64 first, u64 second) {
  Cell cell;
  cell.h = first;
  std::memcpy(reinterpret_cast<char*>(&cell) + 8, &second, 8);
  out_.cells.push_back(cell);
  out_.isData.push_back(1);
  if (wantOrigins_) out_.origins.push_back({position_, pending_});
  return cellCount() - 1;
}

u32 Translator::emitOp(H h, Field a, Field b, Field c, Field d, u32 resultSlots, const u64* data,
                       u64 data2) {
  Field fields[4] = {a, b, c, d};
  bool far = false;
  for (const Field& f : fields) far = far || (f.role != Field::Number && f.value > 0xffff);
  if (BLS_LIKELY(!far)) {
    u32 cell = emit(h, a.value, b.value, c.value, d.value);
    if (data != nullptr) emitData(*data, data2);
    return cell;
  }
  // Through the scratch frame: operands at 0, 2, 4, 6 by field, result at 8 (bodies_control.h,
  // wideIn).
  u32 from[4] = {0, 0, 0, 0};
  u32 result = kNone;
  for (u32 i = 0; i < 4; ++i) {
    if (fields[i].role == Field::Number) continue;
    if (fields[i].role == Field::Read) {
      from[i] = fields[i].value;
      fields[i].value = 2 * i;
    } else {
      result = fields[i].value;
      fields[i].value = 8;
    }
  }
  emit(H::WideIn, from[0] & 0xffff, from[0] >> 16, from[1] & 0xffff, from[1] >> 16);
  emitData(from[2] | static_cast<u64>(from[3]) << 32);
  u32 cell = emit(h, fields[0].value, fields[1].value, fields[2].value, fields[3].value);
  if (data != nullptr) emitData(*data, data2);
  u32 to = result == kNone ? 0 : result;
  emit(H::WideOut, to & 0xffff, to >> 16, result == kNone ? 0 : resultSlots);
  return cell;
}
u32 Translator::emitOpImm(H h, Field a, Field b, u32 imm, u32 resultSlots, const u64* data) {
  return emitOp(h, a, b, n(imm & 0xffff), n(imm >> 16), resultSlots, data);
}

void Translator::emitCopy(u32 to, u32 from, char type) {
  if (to > 0xffff || from > 0xffff) {
    for (u32 i = 0; i < slotsOf(type); ++i) {
      emit(H::CopyFar, (to + i) & 0xffff, (to + i) >> 16, (from + i) & 0xffff, (from + i) >> 16);
    }
    return;
  }
  if (type == 'v') {
    emit(H::CopyVec, to, from);
    return;
  }
  u32 count = cellCount();
  if (count > barrier_ && !out_.isData[count - 1] && at(count - 1).h == static_cast<u64>(H::Copy)) {
    Cell& before = at(count - 1);
    before.h = static_cast<u64>(H::CopyPair);
    before.c = static_cast<u16>(to);
    before.d = static_cast<u16>(from);
    return;
  }
  emit(H::Copy, to, from);
}

void Translator::emitConst(u32 to, char type, u64 bits) {
  DCHECK(type != 'v');
  (void)type;
  const u32 count = cellCount();
  if (bits <= 0xffff && to <= 0xffff && count > barrier_ && !out_.isData[count - 1] &&
      at(count - 1).h == static_cast<u64>(H::Const32) && at(count - 1).d == 0) {
    Cell& before = at(count - 1);
    before.h = static_cast<u64>(H::ConstPair);
    before.b = before.c;
    before.c = static_cast<u16>(to);
    before.d = static_cast<u16>(bits);
    return;
  }
  if (bits == static_cast<u32>(bits)) {
    emitOpImm(H::Const32, w(to), n(0), static_cast<u32>(bits), 1);
  } else if (bits == static_cast<u64>(static_cast<i64>(static_cast<i32>(bits)))) {
    emitOpImm(H::ConstS32, w(to), n(0), static_cast<u32>(bits), 1);
  } else {
    emitOp(H::Const64, w(to), n(0), n(0), n(0), 1, &bits);
  }
}

void Translator::emitSlow(H h, u32 slot, u64 data, u32 charge, u32 flags) {
  emitImm(h, charge & 0xffff, flags, slot);
  emitData(data);
}

void Translator::truncate(u32 cells) {
  out_.cells.resize(cells);
  out_.isData.resize(cells);
  if (wantOrigins_) out_.origins.resize(cells);
}

void Translator::barrier() {
  barrier_ = cellCount();
  last_.cell = kNone;
  producer_ = kNone;
}

void Translator::limitPending() {
  // Charges ride in 16-bit fields: a very long straight line pays in between.
  constexpr i32 kMost = 30000;
  if (pending_ < kMost) return;
  emit(H::Charge, static_cast<u32>(pending_));
  pending_ = 0;
}

// ---- Places

char Translator::letterOf(ValType type) const {
  switch (type.kind()) {
    case ValType::I32: return 'i';
    case ValType::I64: return 'l';
    case ValType::F32: return 'f';
    case ValType::F64: return 'd';
    case ValType::V128: return 'v';
    default: return letterOf(type.heap());
  }
}
char Translator::letterOf(HeapType heap) const {
  if (heap.isConcrete()) return m_.type(heap.typeIndex()).kind == CompKind::Func ? 'r' : 'g';
  switch (heap.bits()) {
    case HeapType::Func:
    case HeapType::NoFunc: return 'r';
    case HeapType::Extern:
    case HeapType::NoExtern: return 'e';
    default: return 'g';
  }
}

Translator::Value& Translator::push(char type) {
  Value value;
  value.type = type;
  value.home = nextHome();
  if (flushed_ == height()) ++flushed_;
  stack_.push_back(value);
  return stack_.back();
}
void Translator::pushConst(char type, u64 bits) {
  u32 mark = std::min(flushed_, height());
  Value& value = push(type);
  value.kind = Value::Const;
  value.bits = bits;
  flushed_ = mark;
}
void Translator::pushAlias(u32 local) {
  u32 mark = std::min(flushed_, height());
  Value& value = push(localTypes_[local]);
  value.kind = Value::Local;
  value.local = local;
  value.below = aliases_[local];
  aliases_[local] = height() - 1;
  flushed_ = mark;
}
void Translator::pushResult(char type, u32 cell, bool hasAccTwin) {
  push(type);
  u32 entry = height() - 1;
  AccState& acc = accFor(type);
  acc.clear();
  if (useAcc_) acc.entry = entry;
  if (useAcc_ && hasAccTwin) acc.cell = cell;
  producer_ = wide_ ? kNone : cell;
  producerEnd_ = cellCount();
  producerEntry_ = entry;
}

void Translator::unlink(const Value& value) {
  if (value.kind == Value::Local) aliases_[value.local] = value.below;
}

Translator::Operand Translator::pop() {
  Operand out;
  out.entry = height() - 1;
  out.value = stack_.back();
  const Value& value = out.value;
  out.slot = value.kind == Value::Local ? localSlots_[value.local] : value.home;
  out.bits = value.bits;
  AccState& acc = accFor(value.type);
  if (value.kind == Value::Const) {
    out.src = I;
  } else if (value.kind == Value::Home && acc.entry == out.entry) {
    out.src = A;
    out.producer = acc.cell;
  } else if (value.kind == Value::Local && acc.local == value.local && useAcc_) {
    out.src = A;
  }
  for (AccState* state : {&acc_, &facc_}) {
    if (state->entry == out.entry) state->entry = state->cell = kNone;
  }
  unlink(value);
  stack_.pop_back();
  flushed_ = std::min(flushed_, height());
  mapped_ = std::min(mapped_, height());
  return out;
}

void Translator::dropTo(u32 target) {
  while (height() > target) {
    unlink(stack_.back());
    stack_.pop_back();
  }
  flushed_ = std::min(flushed_, target);
  mapped_ = std::min(mapped_, target);
  for (AccState* state : {&acc_, &facc_}) {
    if (state->entry != kNone && state->entry >= target) state->entry = state->cell = kNone;
  }
}

void Translator::takeFromAcc(const Operand& operand) {
  if (operand.src == A && operand.producer != kNone) ++at(operand.producer).h;
}

u32 Translator::slotOf(Operand& operand) {
  if (operand.src == I) {
    emitConst(operand.value.home, operand.value.type, operand.bits);
    operand.slot = operand.value.home;
  }
  operand.src = S;
  return operand.slot;
}

void Translator::flushEntry(u32 index) {
  Value& value = stack_[index];
  if (value.kind == Value::Local) {
    emitCopy(value.home, localSlots_[value.local], value.type);
    unlink(value);
  } else if (value.kind == Value::Const) {
    emitConst(value.home, value.type, value.bits);
  }
  value.kind = Value::Home;
}
void Translator::flushTop(u32 count) {
  // From the top down: each alias is then the newest of its local.
  u32 bottom = std::max(height() - count, flushed_);
  for (u32 i = height(); i > bottom; --i) flushEntry(i - 1);
  if (bottom <= flushed_) flushed_ = height();
}
void Translator::flushAll() { flushTop(height()); }

void Translator::flushAliases(u32 local, u32 beforeCell) {
  if (BLS_LIKELY(aliases_[local] == kNone)) return;
  u32 start = cellCount();
  u32 next = kNone;
  for (u32 i = aliases_[local]; i != kNone; i = next) {
    next = stack_[i].below;
    emitCopy(stack_[i].home, localSlots_[local], stack_[i].type);
    stack_[i].kind = Value::Home;
  }
  aliases_[local] = kNone;
  if (beforeCell == kNone) return;
  // The copies must come before the instruction at beforeCell, which is about to write the local.
  auto rotate = [&](auto& list) {
    using Distance = std::ptrdiff_t;
    std::rotate(list.begin() + static_cast<Distance>(beforeCell),
                list.begin() + static_cast<Distance>(start), list.end());
  };
  rotate(out_.cells);
  rotate(out_.isData);
  if (wantOrigins_) rotate(out_.origins);
  u32 shift = cellCount() - start;
  producer_ += shift;
  producerEnd_ += shift;
}

void Translator::undo(const Last& last) {
  truncate(last.cell);
  acc_ = last.acc;
  facc_ = last.facc;
  last_.cell = kNone;
  producer_ = kNone;
}

// ---- Locals and globals

void Translator::localGet(u32 local) { pushAlias(local); }

void Translator::localSet(u32 local, bool tee) {
  bool renames = producer_ != kNone && producerEnd_ == cellCount() &&
                 stack_.back().kind == Value::Home && producerEntry_ == height() - 1;
  Operand v = pop();
  const char type = localTypes_[local];
  const bool inAcc = v.src == A;
  const u32 slot = localSlots_[local];
  const bool same = v.value.kind == Value::Local && v.value.local == local;
  if (!same) {
    flushAliases(local, renames ? producer_ : kNone);
    if (renames) {
      at(producer_).a = static_cast<u16>(slot);
      pairIncrements();
    } else if (v.src == I) {
      emitConst(slot, type, v.bits);
    } else if (inAcc && isInt(type)) {
      takeFromAcc(v);
      emit(H::FromAcc, slot);
    } else {
      emitCopy(slot, v.slot, type);
    }
    if (acc_.local == local) acc_.local = kNone;
    if (facc_.local == local) facc_.local = kNone;
    if (inAcc) accFor(type).local = local;
    last_.cell = kNone;
    producer_ = kNone;
  }
  if (tee) pushAlias(local);
}

// `local += 16-bit constant`.
bool Translator::isIncrement(u32 cell) const {
  if (cell < barrier_ || cell >= cellCount() || out_.isData[cell]) return false;
  const Cell& c = out_.cells[cell];
  const i64 imm = c.simm32();
  return c.h == static_cast<u64>(plus(rowOf(kAdd32), 2)) && c.a == c.b &&
         imm == static_cast<i16>(imm);
}
// Two increments in a row become one instruction.
void Translator::pairIncrements() {
  const u32 cell = cellCount() - 1;
  if (!useAcc_ || cell == 0 || !isIncrement(cell) || !isIncrement(cell - 1)) return;
  const Cell second = at(cell);
  truncate(cell);
  Cell& c = at(cell - 1);
  c.h = static_cast<u64>(H::IncPair);
  c.b = c.c;
  c.c = second.a;
  c.d = second.c;
}

void Translator::globalGet(u32 index) {
  const GlobalDecl& decl = m_.globals[GlobalIndex{index}];
  bool shared = index < m_.importedGlobals && decl.type.isMutable;
  char type = letterOf(decl.type.type);
  H row = isInt(type)   ? (shared ? H::GlobalGetShared : H::GlobalGet)
          : type == 'v' ? (shared ? H::GlobalGetVShared : H::GlobalGetV)
                        : (shared ? H::GlobalGetFShared : H::GlobalGetF);
  u32 cell = emitOpImm(row, w(nextHome()), n(0), index, slotsOf(type));
  pushResult(type, cell, !shared && type != 'v');
}

void Translator::globalSet(u32 index) {
  bool shared = index < m_.importedGlobals;
  Operand v = pop();
  if (v.value.type == 'v') {
    emitOpImm(shared ? H::GlobalSetVShared : H::GlobalSetV, n(0), r(slotOf(v)), index, 0);
  } else if (shared) {
    emitOpImm(H::GlobalSetShared, n(0), r(slotOf(v)), index, 0);
  } else if (v.src == A && isInt(v.value.type)) {
    takeFromAcc(v);
    emitImm(H::GlobalSet_A, 0, 0, index);
  } else {
    emitOpImm(H::GlobalSet_S, n(0), r(slotOf(v)), index, 0);
  }
}

}  // namespace bls::interp
