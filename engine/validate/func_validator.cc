// Operand stack, control frames, calls, locals: the machinery and the core instructions.
#include "engine/validate/func_validator.h"

#include "engine/decode/body_decoder.h"
#include "engine/wasm/limits.h"

namespace bls {

FuncValidator::FuncValidator(const BodyContext& context, BodyResults& results, Diagnostics& diag)
    : context_(context), m_(*context.module), out_(results), diag_(diag) {
  if (!m_.memories.empty()) addressBits = m_.memories[MemoryIndex{0}].addressType().bits();
}

// ---- Errors

Status FuncValidator::fail(ErrorClass cls, std::string text) {
  Error error;
  error.cls = cls;
  error.message = std::move(text);
  error.offset = fileOffset_ + bodyOffset(position.op);
  if (func_ != kNoFunc) error.section = "code";
  error.func = func_;
  return diag_.fail(std::move(error));
}

Status FuncValidator::unknown(const char* space, u32 index) {
  return fail(ErrorClass::Invalid, std::string("unknown ") + space + " " + std::to_string(index));
}

Status FuncValidator::failLane() { return invalid("invalid lane index"); }

// The topmost `count` values of the frame as "[i32 f64]"; fewer when the frame holds fewer.
std::string FuncValidator::describeTop(size_t count, const u32* stackTop) const {
  constexpr size_t kMost = 16;
  std::vector<ValType> types;
  for (const u32* p = stackTop; p > floor && types.size() < count && types.size() < kMost;) {
    ValType type = ValType::fromBits(p[-1]);
    types.push_back(type);
    p -= type.slots();
  }
  std::string text = "[";
  for (size_t i = types.size(); i-- > 0;) {
    text += types[i] == ValType::Bottom ? "bot" : toString(types[i]);
    if (i != 0) text += " ";
  }
  return text + "]";
}

Status FuncValidator::mismatch(const char* who, TypeSpan required, const u32* stackTop,
                               bool showAll) {
  std::string text = std::string("type mismatch: ") + who + " requires [";
  for (size_t i = 0; i < required.size() && i < 16; ++i) {
    if (i != 0) text += " ";
    text += toString(required[i]);
  }
  text += "] but stack has " + describeTop(showAll ? ~size_t{0} : required.size(), stackTop);
  return fail(ErrorClass::Invalid, std::move(text));
}

// ---- Operand stack

void FuncValidator::startStack(size_t bodyBytes) {
  constexpr size_t kSlack = 64;
  if (capacity_ < bodyBytes + kSlack) {
    capacity_ = bodyBytes + kSlack < 1024 ? 1024 : bodyBytes + kSlack;
    stack_.reset(new u32[capacity_]);
  }
  sp = floor = high = stack_.get();
}

// Room for `slots` more entries besides one per byte that is left.
Status FuncValidator::reserve(size_t slots) {
  constexpr size_t kSlack = 64;
  size_t height = heightOf(sp) + slots;
  if (height > limits::kOperandHeight) {
    return fail(ErrorClass::Limit, "operand stack height " + std::to_string(height) + " > " +
                                       std::to_string(limits::kOperandHeight));
  }
  size_t need = height + static_cast<size_t>(end_ - position.op) + kSlack;
  if (BLS_LIKELY(need <= capacity_)) return {};
  std::unique_ptr<u32[]> old = std::move(stack_);
  capacity_ = need * 2;
  stack_.reset(new u32[capacity_]);
  size_t used = static_cast<size_t>(high - old.get());
  std::memcpy(stack_.get(), old.get(), used * sizeof(u32));
  sp = stack_.get() + (sp - old.get());
  floor = stack_.get() + (floor - old.get());
  high = stack_.get() + used;
  return {};
}

namespace {
constexpr size_t kLongList = 8;
static_assert(sizeof(ValType) == sizeof(u32));

// v128 takes two entries of the operand stack.
size_t countWide(std::span<const ValType> types) {
  size_t wide = 0;
  for (ValType type : types) wide += type == ValType::V128 ? 1 : 0;
  return wide;
}

// A list long enough to be worth comparing or copying as memory, and with one entry per type.
bool isFlat(std::span<const ValType> types) {
  return types.size() >= kLongList && countWide(types) == 0;
}
}  // namespace

Status FuncValidator::pushList(TypeSpan types) {
  if (types.empty()) return {};
  TRY(reserve(types.size() + countWide(types)));
  if (isFlat(types)) {
    std::memcpy(sp, types.data(), types.size_bytes());
    sp += types.size();
    if (sp > high) high = sp;
    return {};
  }
  for (ValType type : types) push(type);
  return {};
}

bool FuncValidator::tryPop(ValType type) {
  if (sp == floor) return frames.back().unreachable;
  ValType top = ValType::fromBits(sp[-1]);
  if (top != type && !isSubtype(m_, top, type)) return false;
  sp -= top.slots();
  return true;
}

Status FuncValidator::popSlow(ValType type) {
  if (tryPop(type)) return {};
  return mismatch("instruction", {&type, 1}, sp);
}

Status FuncValidator::popListFor(const char* who, TypeSpan types) {
  u32* top = sp;
  size_t n = types.size();
  if (n >= kLongList && static_cast<size_t>(sp - floor) >= n && isFlat(types) &&
      std::memcmp(sp - n, types.data(), types.size_bytes()) == 0) {
    sp -= n;
    return {};
  }
  for (size_t i = n; i-- > 0;) {
    if (BLS_LIKELY(sp != floor && sp[-1] == types[i].bits())) {
      sp -= types[i].slots();
    } else if (!tryPop(types[i])) {
      return mismatch(who, types, top);
    }
  }
  return {};
}

Status FuncValidator::popAny(ValType* out) {
  *out = ValType::Bottom;
  if (sp == floor) {
    if (frames.back().unreachable) return {};
    return fail(ErrorClass::Invalid, "type mismatch: instruction requires [any] but stack has []");
  }
  *out = ValType::fromBits(sp[-1]);
  sp -= out->slots();
  return {};
}

Status FuncValidator::popRef(ValType* out) {
  TRY(popAny(out));
  if (out->isRef() || *out == ValType::Bottom) return {};
  return fail(
      ErrorClass::Invalid,
      "type mismatch: instruction requires a reference but stack has [" + toString(*out) + "]");
}

void FuncValidator::setUnreachable() {
  sp = floor;
  frames.back().unreachable = true;
}

// Types of a fixed signature; `mem` gives letter 'a' its meaning.
Status FuncValidator::simple(Op op, const MemImm* mem) {
  const OpInfo& info = opInfo(op);
  ValType address = ValType::I32;
  if (mem != nullptr) {
    TRY(memory(mem->memory, &address));
    bool atomic = info.cls >= OpClass::AtomicLoad && info.cls <= OpClass::AtomicNotify;
    if (mem->align > info.aux) return invalid("alignment must not be larger than natural");
    if (atomic && mem->align != info.aux) return invalid("atomic alignment must be natural");
    if (address == ValType::I32 && mem->offset > 0xffffffffu) return invalid("offset out of range");
  }
  ValType types[4];
  for (u32 i = 0; i < info.paramCount; ++i) {
    types[i] = info.params[i] == 'a' ? address : ValType::fromLetter(info.params[i]);
  }
  TRY(popList({types, info.paramCount}));
  for (u32 i = 0; i < info.resultCount; ++i) push(ValType::fromLetter(info.results[i]));
  return {};
}

// ---- Control

Status FuncValidator::signature(const BlockImm& imm, Frame* frame) {
  switch (imm.kind) {
    case BlockImm::Kind::Empty: return {};
    case BlockImm::Kind::Result:
      frame->single = imm.result;
      return imm.result.isRef() ? heapType(imm.result.heap()) : Status();
    case BlockImm::Kind::Type: return funcType(imm.typeIndex, &frame->sig);
  }
  return {};
}

// Takes the parameters off the stack (checked) and puts them back inside the new frame.
Status FuncValidator::enterFrame(Frame frame) {
  TRY(popList(params(frame)));
  if (frames.size() >= limits::kControlDepth) {
    return fail(ErrorClass::Limit, "nested blocks " + std::to_string(frames.size()) + " > " +
                                       std::to_string(limits::kControlDepth - 1));
  }
  frame.height = heightOf(sp);
  frame.startOffset = bodyOffset(position.op);
  frame.initHeight = static_cast<u32>(setLocals_.size());
  frame.firstTry = static_cast<u32>(openCatches_.size());
  frame.tries = frames.back().tries + (frame.kind == Op::Try ? 1 : 0);
  mostTries_ = std::max(mostTries_, frame.tries);
  frames.push_back(frame);
  Frame& f = frames.back();
  f.labelCount = static_cast<u32>(labelTypes(f).size());
  floor = sp;
  return pushList(params(f));
}

Status FuncValidator::enterBlock(Op kind, const BlockImm& imm) {
  Frame frame;
  frame.kind = kind;
  TRY(signature(imm, &frame));
  return enterFrame(frame);
}

Status FuncValidator::on(OpTag<Op::Unreachable>, NoImm) {
  setUnreachable();
  return {};
}

Status FuncValidator::on(OpTag<Op::Loop>, const BlockImm& imm) {
  TRY(enterBlock(Op::Loop, imm));
  loops.open(bodyOffset(position.op), callSites, &out_.loops);
  return {};
}

Status FuncValidator::on(OpTag<Op::If>, const BlockImm& imm) {
  Frame frame;
  frame.kind = Op::If;
  TRY(signature(imm, &frame));
  TRY(pop(ValType::I32));
  return enterFrame(frame);
}

// The block's results, and nothing else, are on the stack.
Status FuncValidator::checkFrameEnd(const Frame& f) {
  u32* top = sp;
  TRY(popListFor("instruction",
                 results(f)));  // the wording scripts expect for values that are missing
  if (BLS_UNLIKELY(sp != floor)) return mismatch("block", results(f), top, true);
  return {};
}

void FuncValidator::resetLocals(u32 initHeight) {
  while (setLocals_.size() > initHeight) {
    u32& bits = locals[setLocals_.back()];
    bits = (bits & ~u32{0xff}) | kUnset;
    setLocals_.pop_back();
  }
}

void FuncValidator::markSet(u32 local) {
  u32& bits = locals[local];
  bits = (bits & ~u32{0xff}) | ValType::Ref;
  setLocals_.push_back(local);
}

// `else` and the legacy catches: a new arm of the same block.
void FuncValidator::restartFrame(Frame& f, Op kind) {
  resetLocals(f.initHeight);
  f.kind = kind;
  f.unreachable = false;
  sp = floor;
}

Status FuncValidator::on(OpTag<Op::Else>, NoImm) {
  Frame& f = frames.back();
  if (f.kind != Op::If) return fail(ErrorClass::Malformed, "END opcode expected");
  TRY(checkFrameEnd(f));
  restartFrame(f, Op::Else);
  return pushList(params(f));
}

Status FuncValidator::on(OpTag<Op::End>, NoImm) {
  Frame& f = frames.back();
  TRY(checkFrameEnd(f));
  if (f.kind == Op::If) {  // the missing else passes the parameters on
    f.unreachable = false;
    TRY(pushList(params(f)));
    TRY(checkFrameEnd(f));
  }
  if (openCatches_.size() > f.firstTry) closeTry(f, bodyOffset(position.op));
  return leaveFrame();
}

// Pops the frame and pushes its results for the frame around it.
Status FuncValidator::leaveFrame() {
  Frame f = frames.back();
  if (f.patches != kNoPatch) patchHandlers(f, bodyOffset(position.next));
  if (f.kind == Op::Loop) loops.close(callSites, &out_.loops, &out_.loopLocals);
  resetLocals(f.initHeight);
  frames.pop_back();
  if (frames.empty()) return {};
  floor = stack_.get() + frames.back().height;
  return pushList(results(f));
}

Status FuncValidator::label(u32 depth, Frame** out) {
  if (BLS_UNLIKELY(depth >= frames.size())) return unknown("label", depth);
  *out = &frames[frames.size() - 1 - depth];
  return {};
}

Status FuncValidator::on(OpTag<Op::Br>, IndexImm imm) {
  Frame* target = nullptr;
  TRY(label(imm.index, &target));
  TRY(popList(labelTypes(*target)));
  setUnreachable();
  return {};
}

Status FuncValidator::on(OpTag<Op::BrIf>, IndexImm imm) {
  TRY(pop(ValType::I32));
  Frame* target = nullptr;
  TRY(label(imm.index, &target));
  TRY(popList(labelTypes(*target)));
  return pushList(labelTypes(*target));
}

// One target of a br_table: same arity as the default, operands fit. Each frame is looked at once
// per table.
Status FuncValidator::tableTarget(u32 depth, u32 arity) {
  Frame* target = nullptr;
  TRY(label(depth, &target));
  u32 table = bodyOffset(position.op);
  if (target->checkedTable == table) return {};
  target->checkedTable = table;
  if (target->labelCount != arity) {
    return fail(ErrorClass::Invalid, "type mismatch: br_table labels take " +
                                         std::to_string(arity) + " and " +
                                         std::to_string(target->labelCount) + " values");
  }
  return popList(labelTypes(*target));
}

Status FuncValidator::on(OpTag<Op::BrTable>, const LabelTableImm& imm) {
  TRY(pop(ValType::I32));
  // The default comes last but gives the arity.
  u32 last = 0;
  TRY(forEachTarget(imm, &diag_, [&](u32 depth) {
    last = depth;
    return Status();
  }));
  Frame* fallback = nullptr;
  TRY(label(last, &fallback));
  u32* top = sp;
  TRY(forEachTarget(imm, &diag_, [&](u32 depth) {
    sp = top;
    return tableTarget(depth, fallback->labelCount);
  }));
  setUnreachable();
  return {};
}

Status FuncValidator::on(OpTag<Op::Return>, NoImm) {
  TRY(popList(results(frames.front())));
  setUnreachable();
  return {};
}

// ---- Calls

Status FuncValidator::callType(const FuncType& type) {
  ++callSites;
  TRY(popList(type.params));
  return pushList(type.results);
}

Status FuncValidator::returnCallType(const FuncType& type) {
  ++callSites;
  TypeSpan mine = results(frames.front());
  bool match = type.results.size() == mine.size();
  for (size_t i = 0; match && i < mine.size(); ++i) match = isSubtype(m_, type.results[i], mine[i]);
  if (!match) return invalid("type mismatch: tail call returns other types than the function");
  TRY(popList(type.params));
  setUnreachable();
  return {};
}

Status FuncValidator::indirectCallee(IndexPairImm imm, const FuncType** out) {
  const TableType* tableType = nullptr;
  TRY(table(imm.second, &tableType));
  if (!isSubtype(m_, tableType->elem, ValType::funcref())) {
    return fail(ErrorClass::Invalid,
                "type mismatch: instruction requires a table of functions but table has " +
                    toString(tableType->elem));
  }
  TRY(funcType(imm.first, out));
  return pop(tableType->addressType());
}

Status FuncValidator::on(OpTag<Op::Call>, IndexImm imm) {
  if (BLS_UNLIKELY(imm.index >= m_.funcs.size())) return unknown("function", imm.index);
  return callType(m_.funcTypeOf(imm.index));
}
Status FuncValidator::on(OpTag<Op::ReturnCall>, IndexImm imm) {
  if (imm.index >= m_.funcs.size()) return unknown("function", imm.index);
  return returnCallType(m_.funcTypeOf(imm.index));
}
Status FuncValidator::on(OpTag<Op::CallIndirect>, IndexPairImm imm) {
  const FuncType* type = nullptr;
  TRY(indirectCallee(imm, &type));
  return callType(*type);
}
Status FuncValidator::on(OpTag<Op::ReturnCallIndirect>, IndexPairImm imm) {
  const FuncType* type = nullptr;
  TRY(indirectCallee(imm, &type));
  return returnCallType(*type);
}
Status FuncValidator::on(OpTag<Op::CallRef>, IndexImm imm) {
  const FuncType* type = nullptr;
  TRY(funcType(imm.index, &type));
  TRY(pop(refTo(imm.index, true)));
  return callType(*type);
}
Status FuncValidator::on(OpTag<Op::ReturnCallRef>, IndexImm imm) {
  const FuncType* type = nullptr;
  TRY(funcType(imm.index, &type));
  TRY(pop(refTo(imm.index, true)));
  return returnCallType(*type);
}

// ---- Parametric and variable instructions

Status FuncValidator::on(OpTag<Op::Drop>, NoImm) {
  ValType type;
  return popAny(&type);
}

Status FuncValidator::on(OpTag<Op::Select>, NoImm) {
  ValType a;
  ValType b;
  TRY(pop(ValType::I32));
  u32* top = sp;
  TRY(popAny(&b));
  TRY(popAny(&a));
  bool plain = !a.isRef() && !b.isRef();
  if (!plain || (a != b && a != ValType::Bottom && b != ValType::Bottom)) {
    return fail(
        ErrorClass::Invalid,
        "type mismatch: select requires two operands of one number or vector type but stack has " +
            describeTop(2, top));
  }
  push(a == ValType::Bottom ? b : a);
  return {};
}

Status FuncValidator::on(OpTag<Op::SelectTyped>, const SelectImm& imm) {
  if (imm.count != 1) return invalid("invalid result arity");
  if (imm.first.isRef()) TRY(heapType(imm.first.heap()));
  const ValType types[] = {imm.first, imm.first, ValType::I32};
  TRY(popList(types));
  push(imm.first);
  return {};
}

Status FuncValidator::on(OpTag<Op::LocalGet>, IndexImm imm) {
  if (imm.index >= locals.size()) return unknown("local", imm.index);
  u32 bits = locals[imm.index];
  if ((bits & 0xff) == kUnset) {
    return fail(ErrorClass::Invalid, "uninitialized local " + std::to_string(imm.index));
  }
  loops.read(imm.index);
  push(ValType::fromBits(bits));
  return {};
}

Status FuncValidator::on(OpTag<Op::LocalSet>, IndexImm imm) {
  if (imm.index >= locals.size()) return unknown("local", imm.index);
  u32 bits = locals[imm.index];
  bool unset = (bits & 0xff) == kUnset;
  TRY(pop(ValType::fromBits(unset ? (bits & ~u32{0xff}) | ValType::Ref : bits)));
  if (unset) markSet(imm.index);
  loops.write(imm.index);
  return {};
}

Status FuncValidator::on(OpTag<Op::LocalTee>, IndexImm imm) {
  TRY(on(OpTag<Op::LocalSet>{}, imm));
  push(ValType::fromBits(locals[imm.index]));
  return {};
}

Status FuncValidator::on(OpTag<Op::GlobalGet>, IndexImm imm) {
  if (imm.index >= m_.globals.size()) return unknown("global", imm.index);
  push(m_.globals[GlobalIndex{imm.index}].type.type);
  return {};
}

Status FuncValidator::on(OpTag<Op::GlobalSet>, IndexImm imm) {
  if (imm.index >= m_.globals.size()) return unknown("global", imm.index);
  const GlobalType& type = m_.globals[GlobalIndex{imm.index}].type;
  if (!type.isMutable) return invalid("immutable global");
  return pop(type.type);
}

// ---- Index checks

Status FuncValidator::compType(u32 typeIndex, CompKind kind, const SubType** out) {
  if (typeIndex >= m_.types.size()) return unknown("type", typeIndex);
  *out = &m_.type(typeIndex);
  if ((*out)->kind == kind) return {};
  static constexpr const char* kNames[] = {"function", "struct", "array"};
  return fail(ErrorClass::Invalid, std::string("type mismatch: type ") + std::to_string(typeIndex) +
                                       " is not a " + kNames[static_cast<u8>(kind)] + " type");
}

Status FuncValidator::funcType(u32 typeIndex, const FuncType** out) {
  const SubType* type = nullptr;
  TRY(compType(typeIndex, CompKind::Func, &type));
  *out = &type->func;
  return {};
}

Status FuncValidator::heapType(HeapType heap) {
  if (heap.isConcrete() && heap.typeIndex() >= m_.types.size())
    return unknown("type", heap.typeIndex());
  return {};
}

// ---- Bodies

Status FuncValidator::beginBody(u32 index, ByteReader& in) {
  const FuncDecl& decl = m_.funcs[FuncIndex{index}];
  func_ = index;
  begin_ = in.pos();
  end_ = in.end();
  fileOffset_ = decl.bodyOffset;
  position = {begin_, begin_};
  type_ = &m_.funcTypeOf(index);
  declared_.assign(type_->params.begin(), type_->params.end());
  TRY(readLocals(in, m_.features, &declared_));
  locals.resize(declared_.size());
  size_t params = type_->params.size();
  for (size_t i = 0; i < declared_.size(); ++i) {
    ValType type = declared_[i];
    u32 bits = type.bits();
    if (BLS_UNLIKELY(type.isRef())) {
      TRY(heapType(type.heap()));
      if (i >= params && !type.nullable()) bits = (bits & ~u32{0xff}) | kUnset;
    }
    locals[i] = bits;
  }
  startStack(in.left());
  setLocals_.clear();
  openCatches_.clear();
  patchNext_.clear();
  frames.clear();
  Frame f;
  f.sig = type_;
  f.labelCount = static_cast<u32>(type_->results.size());
  frames.push_back(f);
  loops.begin(static_cast<u32>(locals.size()));
  callSites = 0;
  mostTries_ = 0;
  handlerHeight_ = 0;
  firstLoop_ = static_cast<u32>(out_.loops.size());
  firstCatch_ = static_cast<u32>(out_.catches.size());
  return {};
}

void FuncValidator::finishBody(u32) {
  FuncMeta meta;
  auto slots = [](TypeSpan types) {
    u32 sum = 0;
    for (ValType type : types) sum += type.slots();
    return sum;
  };
  meta.paramSlots = slots(type_->params);
  meta.localSlots = slots(declared_);
  meta.resultSlots = slots(type_->results);
  meta.exceptionSlots = mostTries_;
  meta.maxOperandSlots = std::max(heightOf(high), handlerHeight_);
  meta.callSites = callSites;
  meta.firstLoop = firstLoop_;
  meta.loopCount = static_cast<u32>(out_.loops.size()) - firstLoop_;
  meta.firstCatch = firstCatch_;
  meta.catchCount = static_cast<u32>(out_.catches.size()) - firstCatch_;
  out_.funcs.push_back(meta);
}

}  // namespace bls
