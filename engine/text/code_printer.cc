// Printing code.
#include "engine/text/code_printer.h"

#include <algorithm>

#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

constexpr u32 kMaxIndent = 40;  // levels: hostile nesting must not blow up the output
constexpr u64 kLineWidth = 100;

// Operands and results of instructions with rules of their own, by the word behind the dot.
struct Verb {
  OpClass cls;
  std::string_view word;
  u8 params, results;
};
constexpr Verb kVerbs[] = {
    {OpClass::Variable, "get", 0, 1},
    {OpClass::Variable, "set", 1, 0},
    {OpClass::Variable, "tee", 1, 1},
    {OpClass::TableOp, "get", 1, 1},
    {OpClass::TableOp, "set", 2, 0},
    {OpClass::TableOp, "size", 0, 1},
    {OpClass::TableOp, "grow", 2, 1},
    {OpClass::TableOp, "drop", 0, 0},
    {OpClass::TableOp, "fill", 3, 0},
    {OpClass::TableOp, "copy", 3, 0},
    {OpClass::TableOp, "init", 3, 0},
    {OpClass::MemoryOp, "size", 0, 1},
    {OpClass::MemoryOp, "grow", 1, 1},
    {OpClass::MemoryOp, "drop", 0, 0},
    {OpClass::MemoryOp, "fill", 3, 0},
    {OpClass::MemoryOp, "copy", 3, 0},
    {OpClass::MemoryOp, "init", 3, 0},
    {OpClass::Ref, "null", 0, 1},
    {OpClass::Ref, "func", 0, 1},
    {OpClass::Ref, "eq", 2, 1},
    {OpClass::Gc, "new", 2, 1},
    {OpClass::Gc, "new_data", 2, 1},
    {OpClass::Gc, "new_elem", 2, 1},
    {OpClass::Gc, "set", 3, 0},
    {OpClass::Gc, "fill", 4, 0},
    {OpClass::Gc, "copy", 5, 0},
    {OpClass::Gc, "init_data", 4, 0},
    {OpClass::Gc, "init_elem", 4, 0},
    {OpClass::Exception, "throw_ref", 1, 0},
    {OpClass::Parametric, "drop", 1, 0},
    {OpClass::Parametric, "select", 3, 1},
    {OpClass::Control, "br_if", 1, 0},
    {OpClass::Control, "br_table", 1, 0},
};

std::string_view verbOf(Op op) {
  std::string_view text = opInfo(op).text;
  size_t dot = text.find('.');
  return dot == std::string_view::npos ? text : text.substr(dot + 1);
}

bool isArm(Op op) {
  return op == Op::Else || op == Op::Catch || op == Op::CatchAll || op == Op::Delegate;
}

}  // namespace

struct CodePrinter::Sink {
  static constexpr bool kCold = true;
  CodePrinter& printer;
  WalkPosition position;
  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    printer.findHint(position.op);
    printer.take(O, imm);
    return {};
  }
};

// Constant expressions: instructions in a row, without the `end`.
struct CodePrinter::ExprSink {
  static constexpr bool kCold = true;
  InstrPrinter& instr;
  std::string& out;
  u32 count = 0;
  WalkPosition position;
  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    if constexpr (O != Op::End) {
      if (count++ != 0) out += ' ';
      instr.print(O, imm);
    }
    return {};
  }
};

Status CodePrinter::expression(std::span<const u8> bytes, u64 offset, Diagnostics& diag) {
  std::string text;
  InstrPrinter instr(m_, names_, &text);
  ExprSink sink{instr, text, 0, {}};
  ByteReader in(bytes, offset, &diag);
  TRY(walkBody(in, sink, m_.features));
  bool one = sink.count == 1;
  if (one) out_ += '(';
  out_ += text;
  if (one) out_ += ')';
  return {};
}

Status CodePrinter::body(ByteReader in, u32 func, std::span<const BranchHint> hints) {
  func_ = func;
  bodyBegin_ = m_.body(m_.funcs[FuncIndex{func}]).data();
  hints_ = hints;
  instr_.setFunc(func);
  depth_ = 2;
  blocks_.clear();
  dropAll();
  Sink sink{*this, {}};
  return walkBody(in, sink, m_.features);
}

void CodePrinter::findHint(const u8* op) {
  hint_ = kNoHint;
  if (hints_.empty() || hints_[0].offset != static_cast<u64>(op - bodyBegin_)) return;
  hint_ = hints_[0].value;
  hints_ = hints_.subspan(1);
}

void CodePrinter::hint(int value) {
  if (value == kNoHint) return;
  out_ += std::string("(@") + kBranchHints + (value != 0 ? " \"\\01\") " : " \"\\00\") ");
}

void CodePrinter::newLine() {
  out_ += '\n';
  out_.append(2 * static_cast<size_t>(std::min(depth_, kMaxIndent)), ' ');
}

void CodePrinter::dropAll() {
  nodes_.clear();
  pending_.clear();
  scratch_.clear();
}

template <class Imm>
void CodePrinter::take(Op op, const Imm& imm) {
  if (folded_) {
    takeFolded(op, imm);
  } else {
    takeFlat(op, imm);
  }
}

template <class Imm>
void CodePrinter::takeFlat(Op op, const Imm& imm) {
  if (op == Op::End || op == Op::Delegate) {
    if (blocks_.empty()) return;  // of the function
    blocks_.pop_back();
    --depth_;
  } else if (isArm(op)) {
    --depth_;
  }
  newLine();
  hint(hint_);
  instr_.print(op, imm);
  if (opensBlock(op)) {
    blocks_.push_back(op);
    ++depth_;
  } else if (isArm(op) && op != Op::Delegate) {
    ++depth_;
  }
}

// ---- folded

template <class Imm>
void CodePrinter::takeFolded(Op op, const Imm& imm) {
  if (op == Op::End) {
    flush();
    if (!blocks_.empty()) closeBlock();
    return;
  }
  size_t start = scratch_.size();
  instr_.print(op, imm);
  if (op == Op::If) {
    openIf();
  } else if (opensBlock(op) || isArm(op)) {
    // The text is taken out of the way of what flush prints.
    std::string head = scratch_.substr(start);
    scratch_.resize(start);
    flush();
    scratch_ = head;
    if (opensBlock(op)) {
      openBlock(op);
    } else {
      nextArm(op);
    }
  } else {
    Node node;
    node.textAt = start;
    node.textSize = scratch_.size() - start;
    node.hint = hint_;
    nodes_.push_back(node);
    Arity count = arity(op, imm);
    pushNode(count.params, count.results);
  }
}

// The head is in scratch_.
void CodePrinter::openBlock(Op op) {
  newLine();
  out_ += '(';
  out_ += scratch_;
  scratch_.clear();
  blocks_.push_back(op);
  ++depth_;
  if (op != Op::Try) return;
  newLine();
  out_ += "(do";
  ++depth_;
}

// Head at the end of scratch_; the last pending tree is the condition.
void CodePrinter::openIf() {
  size_t headAt = nodes_.empty() ? 0 : nodes_.back().textAt + nodes_.back().textSize;
  std::string head = scratch_.substr(headAt);
  bool hasCondition = !pending_.empty();
  size_t condition = hasCondition ? pending_.back() : 0;
  if (hasCondition) pending_.pop_back();
  for (size_t root : pending_) {
    newLine();
    printTree(root);
  }
  newLine();
  hint(hint_);
  out_ += '(';
  out_ += head;
  ++depth_;
  if (hasCondition) {
    newLine();
    printTree(condition);
  }
  dropAll();
  newLine();
  out_ += "(then";
  ++depth_;
  blocks_.push_back(Op::If);
}

void CodePrinter::nextArm(Op op) {
  --depth_;
  out_ += ')';
  newLine();
  out_ += '(';
  out_ += scratch_;
  scratch_.clear();
  if (op == Op::Delegate) {
    out_ += "))";
    --depth_;
    blocks_.pop_back();
  } else {
    ++depth_;
  }
}

void CodePrinter::closeBlock() {
  bool arms = blocks_.back() == Op::If || blocks_.back() == Op::Try;
  out_ += arms ? "))" : ")";
  depth_ -= arms ? 2 : 1;
  blocks_.pop_back();
}

// The last node takes up to `params` pending trees.
void CodePrinter::pushNode(u64 params, u64 results) {
  Node& node = nodes_.back();
  size_t root = nodes_.size() - 1;
  node.children = static_cast<u32>(std::min<u64>(params, pending_.size()));
  constexpr u64 kHintWidth = 36;
  node.width = node.textSize + 2 + (node.hint == kNoHint ? 0 : kHintWidth);
  for (u32 i = 0; i < node.children; ++i) {
    const Node& child = nodes_[pending_.back()];
    node.width += child.width + 1;
    node.total += child.total;
    pending_.pop_back();
  }
  pending_.push_back(root);
  if (results != 1) flush();
}

void CodePrinter::flush() {
  for (size_t root : pending_) {
    newLine();
    printTree(root);
  }
  dropAll();
}

// One tree, on one line when it fits. Children stand before their parent: the last one ends at
// root - 1.
void CodePrinter::printTree(size_t root) {
  struct Step {
    size_t node;
    u32 depth;
    bool close;
    bool inLine;
    bool first;
  };
  std::vector<Step> steps{{root, depth_, false, false, true}};
  while (!steps.empty()) {
    Step step = steps.back();
    steps.pop_back();
    if (step.close) {
      out_ += ')';
      continue;
    }
    const Node& node = nodes_[step.node];
    if (step.inLine) {
      out_ += ' ';
    } else if (!step.first) {
      out_ += '\n';
      out_.append(2 * static_cast<size_t>(std::min(step.depth, kMaxIndent)), ' ');
    }
    hint(node.hint);
    out_ += '(';
    out_.append(scratch_, node.textAt, node.textSize);
    steps.push_back({0, 0, true, true, false});
    bool inLine = step.inLine || node.width + 2 * std::min(step.depth, kMaxIndent) <= kLineWidth;
    size_t child = step.node;
    for (u32 i = 0; i < node.children; ++i) {
      child = i == 0 ? step.node - 1 : child - nodes_[child].total;
      steps.push_back({child, step.depth + 1, false, inLine, false});
    }
  }
}

CodePrinter::Arity CodePrinter::callArity(Op op, u32 type) const {
  bool known = type < m_.types.size() && m_.type(type).kind == CompKind::Func;
  if (!known) return {};
  const FuncType& func = m_.type(type).func;
  bool callee = opInfo(op).imm != ImmKind::Func;  // an index or a reference comes last
  std::string_view text = opInfo(op).text;
  bool tail = text.substr(0, 6) == "return";
  return {func.params.size() + (callee ? 1 : 0), tail ? 0 : func.results.size()};
}

template <class Imm>
CodePrinter::Arity CodePrinter::arity(Op op, const Imm& imm) const {
  const OpInfo& info = opInfo(op);
  if (!info.special) return {info.paramCount, info.resultCount};
  if constexpr (std::is_same_v<Imm, IndexImm>) {
    if (info.imm == ImmKind::Func && info.cls == OpClass::Call && imm.index < m_.funcs.size())
      return callArity(op, m_.funcs[FuncIndex{imm.index}].type);
    if (info.imm == ImmKind::Type && info.cls == OpClass::Call) return callArity(op, imm.index);
    if (info.imm == ImmKind::Tag && imm.index < m_.tags.size())
      return {m_.type(m_.tags[TagIndex{imm.index}].type).func.params.size(), 0};
    bool isNew = info.imm == ImmKind::Type && verbOf(op) == "new" && imm.index < m_.types.size();
    if (isNew && m_.type(imm.index).kind == CompKind::Struct)
      return {m_.type(imm.index).fields.size(), 1};
    if (info.imm == ImmKind::Type && verbOf(op) == "new_default" && imm.index < m_.types.size())
      return {m_.type(imm.index).kind == CompKind::Struct ? 0u : 1u, 1};
    if (info.imm == ImmKind::Type && info.cls == OpClass::Gc && verbOf(op).substr(0, 3) == "get")
      return {2, 1};  // array.get
  }
  if constexpr (std::is_same_v<Imm, IndexPairImm>) {
    if (info.imm == ImmKind::TypeTable) return callArity(op, imm.first);
    if (info.imm == ImmKind::TypeCount) return {imm.second, 1};
    if (info.imm == ImmKind::StructField)
      return {verbOf(op) == "set" ? 2u : 1u, verbOf(op) != "set"};
  }
  if (op == Op::Return && func_ < m_.funcs.size()) return {m_.funcTypeOf(func_).results.size(), 0};
  for (const Verb& verb : kVerbs) {
    if (verb.cls == info.cls && verb.word == verbOf(op)) return {verb.params, verb.results};
  }
  bool oneToOne = info.cls == OpClass::Ref || info.cls == OpClass::Gc;
  return oneToOne ? Arity{1, 1} : Arity{};
}

}  // namespace bls::text
