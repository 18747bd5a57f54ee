// Adding up the work of the startup function from the declarations.
#include "engine/instance/startup_fuel.h"

#include "engine/base/byte_reader.h"
#include "engine/wasm/opcodes.h"

namespace bls {
namespace {

bool isPlain(const ConstExpr& expr) {
  return expr.kind != ConstExpr::Kind::Program && expr.kind != ConstExpr::Kind::GlobalGet;
}

// Operators of an expression that cost something. Constant expressions have few forms of
// immediates; `end` is free.
u64 operatorCount(const Module& m, const ConstExpr& expr, const FuelSchedule& schedule) {
  if (expr.kind != ConstExpr::Kind::Program) return schedule.operatorCost;
  Diagnostics diag;
  ByteReader in(m.bytes.span().subspan(expr.offset, expr.size), expr.offset, &diag);
  u64 cost = 0;
  while (!in.atEnd()) {
    u8 first = 0;
    u32 code = 0, index = 0;
    i64 wide = 0;
    if (!in.byte(&first).ok()) break;
    code = first;
    bool prefixed = first >= 0xfb && first <= 0xfe;
    if (prefixed && !in.lebU32(&code).ok()) break;
    u16 op = lookupOp(prefixed ? first : 0, code);
    if (op == kNoOp) break;
    cost += schedule.costOf(static_cast<Op>(op));
    Status skipped;
    switch (opInfo(static_cast<Op>(op)).imm) {
      case ImmKind::I32:
      case ImmKind::I64: skipped = in.lebI64(&wide); break;
      case ImmKind::HeapType: skipped = in.lebI33(&wide); break;
      case ImmKind::F32: skipped = in.skip(4); break;
      case ImmKind::F64: skipped = in.skip(8); break;
      case ImmKind::V128: skipped = in.skip(16); break;
      case ImmKind::None: break;
      case ImmKind::TypeCount:
        skipped = in.lebU32(&index);
        if (skipped.ok()) skipped = in.lebU32(&index);
        break;
      default: skipped = in.lebU32(&index); break;
    }
    if (!skipped.ok()) break;
  }
  return cost;
}

}  // namespace

StartupCharge startupCharge(const Module& m, const FuelSchedule& schedule) {
  StartupCharge out;
  if (!schedule.startupCharged) return out;
  auto work = [&](u64 units) {
    out.exists = true;
    out.units += units;
  };
  for (u32 i = m.importedGlobals; i < m.globals.size(); ++i) {
    const ConstExpr& init = m.globals[GlobalIndex{i}].init;
    if (!isPlain(init)) work(operatorCount(m, init, schedule));
  }
  for (u32 i = m.importedTables; i < m.tables.size(); ++i) {
    const TableDecl& table = m.tables[TableIndex{i}];
    if (!table.hasInit || isPlain(table.init)) continue;
    work(operatorCount(m, table.init, schedule) + table.type.limits.min);
  }
  for (const ElemDecl& elem : m.elems) {
    if (elem.mode != SegmentMode::Active) continue;
    bool plain = isPlain(elem.offset) && elem.table >= m.importedTables;
    u64 units = isPlain(elem.offset) ? 0 : operatorCount(m, elem.offset, schedule);
    for (const ConstExpr& expr : elem.exprs) {
      if (isPlain(expr)) continue;
      plain = false;
      units += operatorCount(m, expr, schedule);
    }
    if (!plain) work(units + elem.count());
  }
  for (const DataDecl& data : m.datas) {
    if (data.mode != SegmentMode::Active) continue;
    if (isPlain(data.offset) && data.memory >= m.importedMemories) continue;
    work((isPlain(data.offset) ? 0 : operatorCount(m, data.offset, schedule)) + data.bytesSize);
  }
  if (m.startFunc != Module::kNoFunc32) work(schedule.operatorCost);  // the call
  return out;
}

}  // namespace bls
