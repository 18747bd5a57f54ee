// Instructions: flat and folded forms mixed freely, blocks, labels.
//
// One loop over a stack of frames. A flat instruction goes straight into body_. The bytes of a
// folded one wait at the end of pending_ until its parenthesis closes, since its operands come
// first. A folded `if` keeps its head in pending_ until `then`, because its condition stands
// outside its label.
#include "engine/text/mnemonics.h"
#include "engine/text/module_parser.h"
#include "engine/wasm/limits.h"

namespace bls::text {

Status ModuleParser::instructions() { return run(false); }

Status ModuleParser::foldedInstruction() {
  if (!is(TokenKind::LParen)) return unexpected();
  return run(true);
}

Status ModuleParser::run(bool one) {
  frames_.clear();
  labels_.clear();
  pending_.clear();
  for (;;) {
    if (frames_.size() >= limits::kControlDepth) {
      return failText(diag_, list_->source, tokens_[at_].pos,
                      "limit: nesting of instructions > " + std::to_string(limits::kControlDepth),
                      ErrorClass::Limit);
    }
    switch (tokens_[at_].kind) {
      case TokenKind::LParen: TRY(openFolded()); break;
      case TokenKind::RParen:
        if (frames_.empty()) return {};
        TRY(closeFolded());
        break;
      case TokenKind::Keyword: {
        if (!frames_.empty()) {
          FrameKind top = frames_.back().kind;
          if (top == FrameKind::Plain || top == FrameKind::If || top == FrameKind::Try)
            return unexpected();
        }
        TRY(flat());
        break;
      }
      default: return unexpected();
    }
    if (one && frames_.empty()) return {};
  }
}

void ModuleParser::noteSlow(u32 token) {
  if (query_->section != 0) return;
  if (currentFunc_ != query_->func || body_.size() > query_->offset) return;
  query_->found = true;
  query_->at = positionOf(list_->source, tokens_[token].pos);
}

// ---- heads of blocks

// Label and block type (or a try_table's clauses); the instruction is written to `out`.
Status ModuleParser::blockHead(Op op, ByteWriter& out, std::string_view* label) {
  *label = takeId();
  writeOpcode(out, op);
  if (opInfo(op).imm == ImmKind::TryTable) return tryTable(out);
  BlockImm block;
  TRY(blockType(&block));
  writeBlockType(out, block);
  return {};
}

// An optional id behind `end` and `else` must repeat the block's label.
Status ModuleParser::checkEndLabel() {
  if (!isId()) return {};
  u32 at = at_;
  if (takeId() != labels_.innermost()) return failNaming(at, "mismatching label");
  return {};
}

// ---- flat instructions

Status ModuleParser::flat() {
  Op op = Op::Nop;
  if (!findMnemonic(text(), &op)) return unexpected();
  Frame frame{FrameKind::FlatBlock, 0, false, 0, 0, {}, at_};
  note(at_);
  if (!list_->annotations.empty()) TRY(takeHint(op, &frame));
  const OpInfo& info = opInfo(op);
  if (info.cls != OpClass::Control && info.cls != OpClass::Exception) {
    ++at_;
    return plain(op, body_);
  }
  switch (op) {
    case Op::End: return flatEnd();
    case Op::Else: return flatElse();
    case Op::Catch:
    case Op::CatchAll: return flatCatch(op);
    case Op::Delegate: return flatDelegate();
    default: break;
  }
  ++at_;
  recordHint(frame);
  if (info.imm != ImmKind::Block && info.imm != ImmKind::TryTable) return plain(op, body_);
  if (op == Op::If) frame.kind = FrameKind::FlatIf;
  if (op == Op::Try) frame.kind = FrameKind::FlatTry;
  TRY(blockHead(op, body_, &frame.label));
  labels_.push(frame.label);
  frames_.push_back(frame);
  return {};
}

Status ModuleParser::flatEnd() {
  if (frames_.empty() || frames_.back().kind < FrameKind::FlatBlock) return unexpected();
  ++at_;
  TRY(checkEndLabel());
  emit(Op::End);
  labels_.pop();
  frames_.pop_back();
  return {};
}

Status ModuleParser::flatElse() {
  if (frames_.empty() || frames_.back().kind != FrameKind::FlatIf) return unexpected();
  ++at_;
  TRY(checkEndLabel());
  emit(Op::Else);
  frames_.back().kind = FrameKind::FlatElse;
  return {};
}

Status ModuleParser::flatCatch(Op op) {
  bool open = !frames_.empty() && (frames_.back().kind == FrameKind::FlatTry ||
                                   frames_.back().kind == FrameKind::FlatCatch);
  if (!open) return unexpected();
  ++at_;
  if (op == Op::CatchAll) {
    TRY(checkEndLabel());
    emit(op);
    frames_.back().kind = FrameKind::FlatCatchAll;
    return {};
  }
  frames_.back().kind = FrameKind::FlatCatch;
  return plain(op, body_);
}

Status ModuleParser::flatDelegate() {
  if (frames_.empty() || frames_.back().kind != FrameKind::FlatTry) return unexpected();
  ++at_;
  labels_.pop();
  frames_.pop_back();
  return plain(Op::Delegate, body_);
}

// ---- folded instructions

Status ModuleParser::openFolded() {
  if (!frames_.empty()) {
    const Frame& top = frames_.back();
    if (top.kind == FrameKind::If && (top.state != 0 || atForm("then"))) return openIfPart();
    if (top.kind == FrameKind::Try) return openTryPart();
  }
  Frame frame{FrameKind::Plain, 0, false, 0, static_cast<u32>(pending_.size()), {}, at_ + 1};
  u32 open = at_++;
  Op op = Op::Nop;
  if (!is(TokenKind::Keyword) || !findMnemonic(text(), &op)) return unexpected();
  if (!list_->annotations.empty()) {
    std::swap(at_, open);  // the hint stands in front of the parenthesis
    TRY(takeHint(op, &frame));
    std::swap(at_, open);
  }
  const OpInfo& info = opInfo(op);
  bool opens = info.imm == ImmKind::Block || info.imm == ImmKind::TryTable;
  if (!opens) {
    bool part = op == Op::End || op == Op::Else || op == Op::Catch || op == Op::CatchAll ||
                op == Op::Delegate;
    if (part) return unexpected();
    ++at_;
    TRY(plain(op, pending_));
    frames_.push_back(frame);
    return {};
  }
  ++at_;
  if (op == Op::If) {
    frame.kind = FrameKind::If;
    TRY(blockHead(op, pending_, &frame.label));
    frames_.push_back(frame);
    return {};
  }
  frame.kind = op == Op::Try ? FrameKind::Try : FrameKind::Block;
  note(frame.token);
  TRY(blockHead(op, body_, &frame.label));
  labels_.push(frame.label);
  frames_.push_back(frame);
  return {};
}

// `(then` or `(else` of a folded if.
Status ModuleParser::openIfPart() {
  Frame& top = frames_.back();
  if (top.state == 0 && takeForm("then")) {
    note(top.token);
    recordHint(top);
    body_.append(pending_.span().subspan(top.pending));
    pending_.truncate(top.pending);
    labels_.push(top.label);
  } else if (top.state == 1 && takeForm("else")) {
    emit(Op::Else);
  } else {
    ++at_;
    return unexpected();
  }
  ++top.state;
  frames_.push_back({FrameKind::Arm, 0, false, 0, 0, {}, 0});
  return {};
}

// `(do`, `(catch x`, `(catch_all` or `(delegate l)` of a folded legacy try.
Status ModuleParser::openTryPart() {
  Frame& top = frames_.back();
  if (top.state == 0) {
    if (!takeForm("do")) return ++at_, unexpected();
    top.state = 1;
  } else if (top.state < 3 && takeForm("catch")) {
    top.state = 2;
    TRY(plain(Op::Catch, body_));
  } else if (top.state < 3 && takeForm("catch_all")) {
    top.state = 3;
    emit(Op::CatchAll);
  } else if (top.state == 1 && takeForm("delegate")) {
    labels_.pop();
    TRY(plain(Op::Delegate, body_));
    TRY(closeParen());
    TRY(closeParen());
    frames_.pop_back();
    return {};
  } else {
    return ++at_, unexpected();
  }
  frames_.push_back({FrameKind::Arm, 0, false, 0, 0, {}, 0});
  return {};
}

Status ModuleParser::closeFolded() {
  const Frame top = frames_.back();
  switch (top.kind) {
    case FrameKind::Plain:
      note(top.token);
      recordHint(top);
      body_.append(pending_.span().subspan(top.pending));
      pending_.truncate(top.pending);
      break;
    case FrameKind::Arm: break;
    case FrameKind::If:
    case FrameKind::Try:
      if (top.state == 0) return unexpected();
      [[fallthrough]];
    case FrameKind::Block:
      note(at_);
      emit(Op::End);
      labels_.pop();
      break;
    default: return unexpected();  // a flat block without its end
  }
  ++at_;
  frames_.pop_back();
  return {};
}

}  // namespace bls::text
