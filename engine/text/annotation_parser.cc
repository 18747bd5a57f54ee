// The three annotations with a meaning: @name, @custom, @metadata.code.branch_hint; and the name
// section. Spec: custom annotations appendix; branch hinting proposal.
#include <algorithm>

#include "engine/base/byte_reader.h"
#include "engine/text/branch_hints.h"
#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

bool isUtf8(const std::string& bytes) {
  return isValidUtf8({reinterpret_cast<const u8*>(bytes.data()), bytes.size()});
}

}  // namespace

Status ModuleParser::failAnnotation(const Annotation& annotation, const std::string& message,
                                    ErrorClass cls) {
  return failText(diag_, list_->source, annotation.pos,
                  std::string(annotationName(annotation.kind)) + " annotation: " + message, cls);
}

// The next unused annotation of that kind in front of a token.
Annotation* ModuleParser::annotationAt(u32 token, AnnotationKind kind) {
  auto& all = list_->annotations;
  if (all.empty()) return nullptr;
  auto at = std::lower_bound(all.begin(), all.end(), token,
                             [](const Annotation& a, u32 index) { return a.before < index; });
  for (; at != all.end() && at->before == token; ++at) {
    if (!at->used && at->kind == kind) return &*at;
  }
  return nullptr;
}

// ---- @name

Status ModuleParser::takeNameAnnotation(std::string* out, bool* has) {
  *has = false;
  Annotation* found = annotationAt(at_, AnnotationKind::Name);
  if (found == nullptr) return {};
  found->used = true;
  const std::vector<Token>& content = found->content;
  if (content.size() != 2 || content[0].kind != TokenKind::String)
    return failAnnotation(*found, "unexpected token");
  decodeString(text(content[0]), out);
  if (!isUtf8(*out)) return failAnnotation(*found, "malformed UTF-8 encoding");
  *has = true;
  return {};
}

Status ModuleParser::moduleNameAnnotation(u32 nameAt) {
  at_ = nameAt;
  std::string given;
  bool has = false;
  TRY(takeNameAnnotation(&given, &has));
  if (!has) return {};
  if (options_.names) {
    nameSection_.hasModule = true;
    nameSection_.module = given;
  }
  const Annotation* second = annotationAt(nameAt, AnnotationKind::Name);
  return second == nullptr ? Status() : failAnnotation(*second, "multiple module");
}

void ModuleParser::nameThing(Space space, u32 index, std::string_view id) {
  if (!options_.names || id.empty()) return;
  NameAssoc* maps[kSpaces] = {&nameSection_.types,    &nameSection_.funcs,   &nameSection_.tables,
                              &nameSection_.memories, &nameSection_.globals, &nameSection_.tags,
                              &nameSection_.elems,    &nameSection_.datas};
  maps[static_cast<u32>(space)]->push_back({index, std::string(id)});
}

void ModuleParser::nameInner(std::vector<IndirectNames>* maps, u32 outer, u32 index,
                             std::string_view name) {
  if (!options_.names || name.empty() || outer == kNoFunc) return;
  if (maps->empty() || maps->back().index != outer) maps->push_back({outer, {}});
  maps->back().names.push_back({index, std::string(name)});
}

void ModuleParser::writeNames() {
  if (!options_.names || hasNameSection_ || nameSection_.empty()) return;
  writer_.custom({true, false, SectionId::Data}, "name", nameSection_.encode());
}

// ---- @custom

Status ModuleParser::customPlace(const Annotation& annotation, size_t* at,
                                 ModuleWriter::Place* place) {
  const std::vector<Token>& content = annotation.content;
  if (content[*at].kind != TokenKind::LParen) return {};
  const Token& side = content[*at + 1];
  if (!isWord(side, "before") && !isWord(side, "after"))
    return failAnnotation(annotation, "malformed placement");
  place->after = isWord(side, "after");
  const Token& where = content[*at + 2];
  bool known = isWord(where, place->after ? "last" : "first");
  place->edge = known;
  for (SectionId id : kSectionOrder) {
    if (isWord(where, sectionWord(id))) {
      place->section = id;
      known = true;
    }
  }
  if (!known) return failAnnotation(annotation, "malformed section kind");
  if (content[*at + 3].kind != TokenKind::RParen)
    return failAnnotation(annotation, "unexpected token");
  *at += 4;
  return {};
}

Status ModuleParser::customAnnotation(const Annotation& annotation) {
  const std::vector<Token>& content = annotation.content;
  if (content[0].kind != TokenKind::String)
    return failAnnotation(annotation, "missing section name");
  std::string name, bytes;
  decodeString(text(content[0]), &name);
  if (!isUtf8(name)) return failAnnotation(annotation, "malformed UTF-8 encoding");
  ModuleWriter::Place place;
  size_t at = 1;
  TRY(customPlace(annotation, &at, &place));
  for (; content[at].kind == TokenKind::String; ++at) decodeString(text(content[at]), &bytes);
  if (content[at].kind != TokenKind::Eof) return failAnnotation(annotation, "unexpected token");
  if (name == "name") hasNameSection_ = true;
  writer_.custom(place, name, {bytes.begin(), bytes.end()});
  return {};
}

// Between two fields.
Status ModuleParser::customAnnotations() {
  while (Annotation* found = annotationAt(at_, AnnotationKind::Custom)) {
    found->used = true;
    TRY(customAnnotation(*found));
  }
  return {};
}

// ---- branch hints

Status ModuleParser::takeHint(Op op, Frame* frame) {
  Annotation* found = annotationAt(at_, AnnotationKind::BranchHint);
  if (found == nullptr || currentFunc_ == kNoFunc) return {};
  found->used = true;
  if (const Annotation* second = annotationAt(at_, AnnotationKind::BranchHint))
    return failAnnotation(*second, "duplicate annotation");
  std::string value;
  if (found->content.size() != 2 || found->content[0].kind != TokenKind::String)
    return failAnnotation(*found, "unexpected token");
  decodeString(text(found->content[0]), &value);
  if (value.size() != 1 || static_cast<u8>(value[0]) > 1)
    return failAnnotation(*found, "malformed hint");
  if (op != Op::If && op != Op::BrIf)
    return failAnnotation(*found, "invalid target", ErrorClass::Invalid);
  frame->hinted = true;
  frame->hint = static_cast<u8>(value[0]);
  return {};
}

void ModuleParser::recordHint(const Frame& frame) {
  if (frame.hinted) hints_.push_back({static_cast<u32>(body_.size()), frame.hint});
}

void ModuleParser::writeHints() {
  if (hintedFuncs_ == 0) return;
  ByteWriter content;
  content.lebU32(hintedFuncs_);
  content.append(hintSection_.span());
  writer_.custom({false, false, SectionId::Code}, kBranchHints, content.take());
}

Status ModuleParser::checkAllUsed(u32 first, u32 end) {
  for (const Annotation& annotation : list_->annotations) {
    if (annotation.used || annotation.before < first || annotation.before > end) continue;
    if (annotation.kind == AnnotationKind::BranchHint)
      return failAnnotation(annotation, "not in a function");
    return failText(diag_, list_->source, annotation.pos,
                    std::string("misplaced ") + annotationName(annotation.kind) + " annotation");
  }
  return {};
}

}  // namespace bls::text
