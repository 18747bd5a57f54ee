// CodePrinter: the instructions of a body or constant expression as text.
//
// Entry points: body (lines, flat or folded), expression (one line). Folding puts an instruction
// that takes n operands around the n expressions before it, if these are exactly its operands: each
// has one result and nothing stands between. Otherwise it stays flat, which reads back the same.
// Folded text is first collected as nodes with their widths, so that short trees take one line;
// printing them uses a stack of its own. Spec: text/instructions, folded instructions.
#pragma once

#include <string>
#include <vector>

#include "engine/text/branch_hints.h"
#include "engine/text/instr_printer.h"

namespace bls::text {

class CodePrinter {
 public:
  CodePrinter(const Module& m, const NameTable& names, bool folded, std::string* out)
      : m_(m),
        names_(names),
        out_(*out),
        folded_(folded),
        instr_(m, names, folded ? &scratch_ : out) {}

  /// Instructions of a function, without the final `end`; `in` stands behind the local
  /// declarations. `hints`: ascending.
  Status body(ByteReader in, u32 func, std::span<const BranchHint> hints);
  /// A constant expression: `(i32.const 1)` or, several instructions, all of them in a row.
  Status expression(std::span<const u8> bytes, u64 offset, Diagnostics& diag);

 private:
  struct Sink;
  struct ExprSink;
  static constexpr int kNoHint = -1;
  struct Node {
    size_t textAt = 0;  // its own instruction, in scratch_
    size_t textSize = 0;
    u32 children = 0;  // trees directly before it that are its operands
    u32 total = 1;     // nodes in the tree
    u64 width = 0;     // on one line, parentheses and children included
    int hint = kNoHint;
  };

  struct Arity {
    u64 params = 0;
    u64 results = 0;
  };

  template <class Imm>
  void take(Op op, const Imm& imm);
  template <class Imm>
  void takeFlat(Op op, const Imm& imm);
  template <class Imm>
  void takeFolded(Op op, const Imm& imm);
  /// How many operands to fold and whether a result is left. Only a matter of looks: whatever it
  /// says, the text stands for the same instructions.
  template <class Imm>
  Arity arity(Op op, const Imm& imm) const;
  Arity callArity(Op op, u32 type) const;
  void findHint(const u8* op);
  /// The annotation in front of the instruction, with a space behind; nothing without one.
  void hint(int value);
  void newLine();
  void openBlock(Op op);
  void openIf();
  void nextArm(Op op);
  void closeBlock();
  void pushNode(u64 params, u64 results);
  void flush();
  void printTree(size_t root);
  void dropAll();

  const Module& m_;
  const NameTable& names_;
  std::string& out_;
  bool folded_;
  std::string scratch_;
  InstrPrinter instr_;
  u32 depth_ = 0;
  u32 func_ = kNoFunc;
  const u8* bodyBegin_ = nullptr;
  std::span<const BranchHint> hints_;  // that are still to come
  int hint_ = kNoHint;                 // of the instruction at hand
  std::vector<Op> blocks_;             // open ones
  std::vector<Node> nodes_;            // pending, operands before their instruction
  std::vector<size_t> pending_;        // roots of the pending trees
};

}  // namespace bls::text
