// InstrPrinter: one instruction with its immediates as text, with ids from a NameTable.
//
// Entry points: print (for sinks of decode/walk.h), types and numbers for the module printer. What
// it writes reads back as the same bytes when those were in shortest form. Spec: text/instructions.
#pragma once

#include <charconv>
#include <string>

#include "engine/decode/walk.h"
#include "engine/text/name_table.h"
#include "engine/text/text_module.h"

namespace bls::text {

class InstrPrinter {
 public:
  InstrPrinter(const Module& m, const NameTable& names, std::string* out)
      : m_(m), names_(names), out_(*out) {}

  /// The function whose locals are meant.
  void setFunc(u32 func) { func_ = func; }

  template <class Imm>
  void print(Op op, const Imm& imm) {
    word(op);
    immediate(op, imm);
  }

  void index(Space space, u32 number);
  void local(u32 number);
  void valType(ValType type);
  void heapType(HeapType heap);
  void number(u64 value) {
    char buffer[24];
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }
  /// ` (param …) (result …)` of a function type.
  void signature(const FuncType& type);
  void blockType(const BlockImm& block);

 private:
  void word(Op op) { out_ += opInfo(op).text; }
  void space() { out_ += ' '; }
  void signedNumber(i64 value) {
    space();
    if (value < 0) out_ += '-';
    number(value < 0 ? u64{0} - static_cast<u64>(value) : static_cast<u64>(value));
  }
  void immediate(Op, const NoImm&) {}
  void immediate(Op op, const BlockImm& imm);
  void immediate(Op op, const IndexImm& imm);
  void immediate(Op op, const IndexPairImm& imm);
  void immediate(Op op, const LabelTableImm& imm);
  void immediate(Op op, const MemImm& imm);
  void immediate(Op op, const MemLaneImm& imm);
  void immediate(Op op, const LaneImm& imm);
  void immediate(Op op, const V128Imm& imm);
  void immediate(Op op, const I32Imm& imm);
  void immediate(Op op, const I64Imm& imm);
  void immediate(Op op, const F32Imm& imm);
  void immediate(Op op, const F64Imm& imm);
  void immediate(Op op, const SelectImm& imm);
  void immediate(Op op, const HeapTypeImm& imm);
  void immediate(Op op, const TryTableImm& imm);
  void immediate(Op op, const CastLabelImm& imm);
  void indexPair(Space first, u32 a, Space second, u32 b);

  const Module& m_;
  const NameTable& names_;
  std::string& out_;
  u32 func_ = kNoFunc;
};

/// Floats as the text format spells them: shortest decimal, `inf`, `nan`, `nan:0x…`.
std::string floatText(u32 bits);
std::string doubleText(u64 bits);

}  // namespace bls::text
