// Both exception handling designs, and the table of handlers. Spec: valid/instructions, try_table
// and throw; legacy proposal.
//
// Handlers of a try wait in openCatches_ until it ends, so that inner ones come first in the table.
// A try_table handler jumps to a label: a loop's place is known, a block's end is filled in when
// that block ends (patchHandlers); handlers of one block are chained through patchNext_ until then.
#include <algorithm>

#include "engine/validate/func_validator.h"
#include "engine/wasm/limits.h"

namespace bls {

Status FuncValidator::tag(u32 index, const FuncType** out) {
  if (index >= m_.tags.size()) return unknown("tag", index);
  *out = &m_.type(m_.tags[TagIndex{index}].type).func;
  return {};
}

// Labels count from outside the try_table, whose frame is not entered yet.
Status FuncValidator::catchClause(const CatchClause& clause, u32 tryBegin) {
  std::vector<ValType> values;
  if (clause.kind == CatchKind::Catch || clause.kind == CatchKind::CatchRef) {
    const FuncType* type = nullptr;
    TRY(tag(clause.tag, &type));
    values = type->params;
  }
  if (clause.kind == CatchKind::CatchRef || clause.kind == CatchKind::CatchAllRef) {
    values.push_back(ValType::ref(HeapType::Exn, false));
  }
  Frame* target = nullptr;
  TRY(label(clause.label, &target));
  TypeSpan types = labelTypes(*target);
  bool match = types.size() == values.size();
  for (size_t i = 0; match && i < values.size(); ++i) match = isSubtype(m_, values[i], types[i]);
  if (!match) return invalid("type mismatch: catch clause does not match its label");
  u32 slots = 0;
  for (ValType value : values) slots += value.slots();
  handlerHeight_ = std::max(handlerHeight_, target->height + slots);
  PendingCatch pending;
  bool all = clause.kind == CatchKind::CatchAll || clause.kind == CatchKind::CatchAllRef;
  pending.meta.tryBegin = tryBegin;
  pending.meta.tag = all ? ~u32{0} : clause.tag;
  pending.meta.kind = static_cast<u8>(clause.kind);
  pending.meta.height = target->height;
  pending.frame = static_cast<u32>(frames.size()) - 1 - clause.label;
  openCatches_.push_back(pending);
  return {};
}

Status FuncValidator::on(OpTag<Op::TryTable>, const TryTableImm& imm) {
  if (out_.firstTryTable == kNoOffset) out_.firstTryTable = fileOffset_ + bodyOffset(position.op);
  if (imm.count > limits::kTryTableCatches) {
    return fail(ErrorClass::Limit, "catch clauses " + std::to_string(imm.count) + " > " +
                                       std::to_string(limits::kTryTableCatches));
  }
  Frame frame;
  frame.kind = Op::TryTable;
  TRY(signature(imm.block, &frame));
  TRY(popList(params(frame)));
  u32 firstTry = static_cast<u32>(openCatches_.size());
  u32 begin = bodyOffset(position.next);
  TRY(forEachCatch(imm, &diag_,
                   [&](const CatchClause& clause) { return catchClause(clause, begin); }));
  TRY(pushList(params(frame)));
  TRY(enterFrame(frame));
  frames.back().firstTry = firstTry;
  return {};
}

Status FuncValidator::on(OpTag<Op::Throw>, IndexImm imm) {
  const FuncType* type = nullptr;
  TRY(tag(imm.index, &type));
  TRY(popList(type->params));
  setUnreachable();
  return {};
}

Status FuncValidator::on(OpTag<Op::ThrowRef>, NoImm) {
  if (out_.firstTryTable == kNoOffset) out_.firstTryTable = fileOffset_ + bodyOffset(position.op);
  TRY(pop(ValType::ref(HeapType::Exn, true)));
  setUnreachable();
  return {};
}

Status FuncValidator::on(OpTag<Op::Try>, const BlockImm& imm) {
  if (out_.firstLegacyTry == kNoOffset) out_.firstLegacyTry = fileOffset_ + bodyOffset(position.op);
  TRY(enterBlock(Op::Try, imm));
  // Its handlers are found as the catches come; this one carries where the protected code begins.
  PendingCatch pending;
  pending.meta.tryBegin = bodyOffset(position.next);
  pending.meta.height = frames.back().height;
  pending.frame = ~u32{0};
  openCatches_.push_back(pending);
  return {};
}

Status FuncValidator::legacyCatch(Op kind, u32 tagIndex) {
  Frame& f = frames.back();
  if (f.kind != Op::Try && f.kind != Op::Catch)
    return fail(ErrorClass::Malformed, "END opcode expected");
  const FuncType* type = nullptr;
  if (kind == Op::Catch) TRY(tag(tagIndex, &type));
  TRY(checkFrameEnd(f));
  PendingCatch handler = openCatches_[f.firstTry];
  if (f.kind == Op::Try) {
    // The protected code ends here: write that into the carrier, from which all handlers of this
    // try are made.
    openCatches_[f.firstTry].meta.tryEnd = handler.meta.tryEnd = bodyOffset(position.op);
  }
  handler.meta.handler = bodyOffset(position.next);
  handler.meta.tag = kind == Op::Catch ? tagIndex : ~u32{0};
  handler.meta.kind = static_cast<u8>(kind == Op::Catch ? CatchKind::Catch : CatchKind::CatchAll);
  out_.catches.push_back(handler.meta);
  patchNext_.push_back(kNoPatch);
  restartFrame(f, kind);
  return type != nullptr ? pushList(type->params) : Status();
}

Status FuncValidator::on(OpTag<Op::Catch>, IndexImm imm) {
  return legacyCatch(Op::Catch, imm.index);
}
Status FuncValidator::on(OpTag<Op::CatchAll>, NoImm) { return legacyCatch(Op::CatchAll, 0); }

Status FuncValidator::on(OpTag<Op::Delegate>, IndexImm imm) {
  Frame& f = frames.back();
  if (f.kind != Op::Try) return fail(ErrorClass::Malformed, "END opcode expected");
  TRY(checkFrameEnd(f));
  // The label counts from outside the try.
  if (imm.index >= frames.size() - 1) return unknown("label", imm.index);
  CatchMeta meta = openCatches_[f.firstTry].meta;
  meta.tryEnd = bodyOffset(position.op);
  meta.handler = imm.index;
  meta.tag = ~u32{0};
  meta.kind = kCatchDelegate;
  out_.catches.push_back(meta);
  patchNext_.push_back(kNoPatch);
  openCatches_.resize(f.firstTry);
  return leaveFrame();
}

Status FuncValidator::on(OpTag<Op::Rethrow>, IndexImm imm) {
  if (out_.firstLegacyTry == kNoOffset) out_.firstLegacyTry = fileOffset_ + bodyOffset(position.op);
  Frame* target = nullptr;
  TRY(label(imm.index, &target));
  if (target->kind != Op::Catch && target->kind != Op::CatchAll)
    return invalid("invalid rethrow label");
  setUnreachable();
  return {};
}

// A try form ends: its handlers go to the table and, for try_table, into the chain of the frame
// they jump to.
void FuncValidator::closeTry(const Frame& f, u32 tryEnd) {
  for (size_t i = f.firstTry; i < openCatches_.size(); ++i) {
    PendingCatch& pending = openCatches_[i];
    if (pending.frame == ~u32{0}) continue;  // the carrier of a legacy try
    pending.meta.tryEnd = tryEnd;
    u32 entry = static_cast<u32>(out_.catches.size()) - firstCatch_;
    out_.catches.push_back(pending.meta);
    Frame& target = frames[pending.frame];
    patchNext_.push_back(target.patches);
    target.patches = entry;
  }
  openCatches_.resize(f.firstTry);
}

// `offset`: behind the target's `end`. Handlers that jump to a loop were chained too; they go to
// its begin.
void FuncValidator::patchHandlers(const Frame& f, u32 offset) {
  for (u32 i = f.patches; i != kNoPatch; i = patchNext_[i]) {
    out_.catches[firstCatch_ + i].handler = f.kind == Op::Loop ? f.startOffset : offset;
  }
}

}  // namespace bls
