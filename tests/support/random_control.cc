// Blocks, branches, statements and whole bodies. See random_generator.h.
#include "tests/support/random_generator.h"

namespace bls::test {

void Generator::blockType(const TypeList& params, const TypeList& results) {
  if (params.empty() && results.empty()) return code_.push_back(0x40);
  if (params.empty() && results.size() == 1 && e_.below(4) != 3) {
    return putType(code_, results[0]);
  }
  putI64(code_, signature(params, results));
}

// A block nobody branches to at random, for recipes.
void Generator::block(Op o, const TypeList& results) {
  op(o);
  blockType({}, results);
  open({results, false});
}

void Generator::close() {
  labels_.pop_back();
  op(Op::End);
}

void Generator::structured(const TypeList& results, u32 depth) {
  u32 kinds = 4 + (has(Feature::Exceptions) || has(Feature::LegacyExceptions) ? 2 : 0);
  switch (e_.below(kinds)) {
    case 1: return ifBlock(results, depth);
    case 2: return loopBlock(results, depth);
    case 4: return tryTable(results, depth);
    case 5: return legacyTry(results, depth);
    default: break;
  }
  TypeList params = typeList(e_.below(3) == 1 ? 2 : 0);
  exprs(params, depth);
  op(Op::Block);
  blockType(params, results);
  open({results});
  sinkAll(params);
  statements(3, depth);
  exprs(results, depth);
  close();
}

void Generator::ifBlock(const TypeList& results, u32 depth) {
  TypeList params = typeList(e_.below(4) == 1 ? 2 : 0);
  exprs(params, depth);
  expr(ValType::I32, depth);
  op(Op::If);
  blockType(params, results);
  open({results});
  sinkAll(params);
  statements(2, depth);
  exprs(results, depth);
  if (!results.empty() || !params.empty() || e_.below(2)) {
    op(Op::Else);
    sinkAll(params);
    statements(2, depth);
    exprs(results, depth);
  }
  close();
}

// Counts a local of its own down; every branch to it does so.
void Generator::loopBlock(const TypeList& results, u32 depth) {
  u32 trips = 1 + e_.below(trips_ > 12 ? 2 : 6);
  u32 counter = newLocal(ValType::I32), saved = trips_;
  reserved_[counter] = true;
  constI32(trips);
  op(Op::LocalSet, counter);
  TypeList params = typeList(e_.below(3) == 1 ? 2 : 0);
  exprs(params, depth);
  op(Op::Loop);
  blockType(params, results);
  trips_ *= trips;
  Label label{params};
  label.counter = static_cast<int>(counter);
  open(label);
  sinkAll(params);
  statements(4, depth);
  exprs(params, depth);
  op(Op::LocalGet, counter);
  constI32(1);
  op(Op::I32Sub);
  op(Op::LocalTee, counter);
  constI32(0);
  op(Op::I32GtS);
  op(Op::BrIf, 0);
  sinkAll(params);
  exprs(results, depth);
  trips_ = saved;
  close();
}

void Generator::branchIf(u32 depth) {
  u32 target = e_.below(static_cast<u32>(labels_.size()));
  const Label label = labels_[labels_.size() - 1 - target];
  if (!label.usable) return;
  exprs(label.types, depth);
  expr(ValType::I32, depth);
  if (label.counter >= 0) {
    u32 counter = static_cast<u32>(label.counter);
    op(Op::LocalGet, counter);
    constI32(1);
    op(Op::I32Sub);
    op(Op::LocalTee, counter);
    constI32(0);
    op(Op::I32GtS);
    op(Op::I32And);
  }
  op(Op::BrIf, target);
  sinkAll(label.types);
}

// `if`: what cannot fall through goes inside. A mask makes it the rarer way.
void Generator::guarded(u32 depth) {
  expr(ValType::I32, depth);
  constI32(15);
  op(Op::I32And);
  constI32(e_.below(16));
  op(e_.below(4) ? Op::I32Eq : Op::I32LtU);
  op(Op::If);
  code_.push_back(0x40);
  open({{}});
}

void Generator::branchTable(u32 depth) {
  guarded(depth);
  u32 count = static_cast<u32>(labels_.size()), start = e_.below(count);
  std::vector<u32> targets;
  for (u32 i = 0; i < count; ++i) {
    u32 target = (start + i) % count;
    const Label& label = labels_[count - 1 - target];
    if (!label.usable || label.counter >= 0) continue;
    if (!targets.empty() && label.types != labels_[count - 1 - targets[0]].types) continue;
    targets.push_back(target);
  }
  const TypeList types = labels_[count - 1 - targets[0]].types;
  exprs(types, depth);
  expr(ValType::I32, depth);
  if (e_.below(3) != 0) {
    constI32(7);
    op(Op::I32And);
  }
  u32 length = e_.below(6);
  op(Op::BrTable, length);
  for (u32 i = 0; i <= length; ++i) {
    putU32(code_, targets[e_.below(static_cast<u32>(targets.size()))]);
  }
  if (e_.below(4) == 1) statement(depth);  // dead code
  close();
}

// Return, tail calls, br, unreachable: each in an `if`.
void Generator::leaveFunction(u32 depth) {
  guarded(depth);
  const TypeList results = signatureOfFunc(func_).results;
  u32 kind = e_.below(6);
  if (kind >= 3) {
    u32 count = static_cast<u32>(callable_.size()), start = e_.below(count);
    for (u32 i = 0; i < count && kind >= 3; ++i) {
      u32 func = callable_[(start + i) % count];
      if (signatureOfFunc(func).results != results) continue;
      if (kind == 5 && callRef(true, &results, depth)) return close();
      TypeList params = signatureOfFunc(func).params;
      exprs(params, depth);
      kind == 3 ? op(Op::ReturnCall, func) : indirect(func, true, depth);
      return close();
    }
    kind = 0;
  }
  if (kind == 2) {
    u32 target = e_.below(static_cast<u32>(labels_.size()));
    const Label label = labels_[labels_.size() - 1 - target];
    if (label.usable && label.counter < 0) {
      exprs(label.types, depth);
      op(Op::Br, target);
      return close();
    }
  }
  if (risk(6)) {
    op(Op::Unreachable);
    return close();
  }
  exprs(results, depth);
  op(Op::Return);
  if (e_.below(4) == 1) statement(depth);  // dead code
  close();
}

void Generator::statements(u32 most, u32 depth) {
  for (u32 n = e_.below(most + 1); n > 0 && left_ > 0; --n) statement(depth);
}

void Generator::controlStatement(u32 depth) {
  switch (e_.below(8)) {
    case 0:
      if (e_.below(6) == 0) return op(Op::Nop);
      [[fallthrough]];
    case 1:
    case 2: {
      TypeList results = typeList(e_.below(3) == 0 ? 3 : 0);
      structured(results, depth);
      return sinkAll(results);
    }
    case 3: return loopBlock({}, depth);
    case 4: return branchTable(depth);
    case 5: return leaveFunction(depth);
    default: return branchIf(depth);
  }
}

void Generator::statement(u32 depth) {
  if (left_ == 0) return;
  u32 inner = depth == 0 ? 0 : depth - 1;
  const u32 weights[] = {6,
                         3,
                         2u * w_[Group::Memory],
                         w_[Group::Atomic],
                         2u * w_[Group::Table],
                         2u * w_[Group::Control],
                         w_[Group::Call],
                         has(Feature::FuncRefs) ? w_[Group::Reference] : 0u,
                         has(Feature::Gc) ? 2u * w_[Group::Gc] : 0u,
                         tags_.empty() ? 0u : w_[Group::Exception],
                         4};
  u32 total = 0;
  for (u32 w : weights) total += w;
  u32 roll = e_.below(total), kind = 0;
  while (kind < 10 && roll >= weights[kind]) roll -= weights[kind++];
  switch (kind) {
    case 0: {
      u32 local = e_.below(static_cast<u32>(locals_.size()));
      if (reserved_[local]) return;
      expr(locals_[local], inner);
      return op(Op::LocalSet, local);
    }
    case 1: {
      u32 g = e_.below(static_cast<u32>(globals_.size()));
      if (!globals_[g].isMutable || g == budgetGlobal_) return;
      expr(globals_[g].type, inner);
      return op(Op::GlobalSet, g);
    }
    case 2: return memoryStatement(inner);
    case 3:
      if (!plainOf(Group::Atomic, 'n', inner)) return;
      return;
    case 4: return tableStatement(inner);
    case 5: return controlStatement(inner);
    case 6: return callRandom(inner);
    case 7: return refStatement(inner);
    case 8: return gcStatement(inner);
    case 9: return throwStatement(inner);
    default: {
      ValType type = anyType();
      expr(type, inner);
      return sink(type);
    }
  }
}

// Calls what there is. A program that takes no risks catches what its functions throw.
void Generator::runBody() {
  bool catches = has(Feature::Exceptions) && !risky_;
  bool old = !catches && has(Feature::LegacyExceptions) && !risky_;
  if (catches) {
    op(Op::TryTable);
    code_.insert(code_.end(), {0x40, 1, 2, 0});
  } else if (old) {
    op(Op::Try);
    code_.push_back(0x40);
  }
  if (catches || old) open({{}, false});
  for (u32 n = 2 + e_.below(4); n > 0; --n) {
    left_ = 40 + e_.below(60);
    callRandom(2);
    statements(5, 3);
  }
  if (risky_ && e_.below(24) == 1) {
    constI64(1);
    op(Op::Call, deepFunc_);
    sink(ValType::I64);
  }
  if (old) op(Op::CatchAll);
  if (catches || old) close();
}

void Generator::body(u32 func) {
  code_.clear();
  labels_.clear();
  func_ = func;
  const Signature s = signatureOfFunc(func);
  locals_ = s.params;
  for (u32 n = 1 + e_.below(6); n > 0; --n) locals_.push_back(anyType());
  reserved_.assign(locals_.size(), false);
  nanLocals_.fill(-1);
  labels_ = {{s.results}};
  trips_ = 1;
  if (func == importedFuncs_) return runBody();
  if (func == deepFunc_) {  // deeper than any stack
    op(Op::LocalGet, 0);
    op(Op::Call, deepFunc_);
    constI64(1);
    return op(Op::I64Add);
  }
  left_ = 10;
  op(Op::GlobalGet, budgetGlobal_);
  op(Op::I32Eqz);
  op(Op::If);
  code_.push_back(0x40);
  for (ValType t : s.results) leaf(t);
  op(Op::Return);
  op(Op::End);
  op(Op::GlobalGet, budgetGlobal_);
  constI32(1);
  op(Op::I32Sub);
  op(Op::GlobalSet, budgetGlobal_);
  left_ = 40 + e_.below(120);
  for (u32 n = 3 + e_.below(8); n > 0; --n) statement(4);
  if (left_ < 30) left_ = 30;
  exprs(s.results, 3);
}

}  // namespace bls::test
