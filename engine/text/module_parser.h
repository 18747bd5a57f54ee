// ModuleParser: the fields of a module in text → the bytes of a binary module.
//
// Three passes over the tokens: names and counts of all index spaces (scan.cc), the type
// definitions (type_parser.cc), then every field in order (field_parser.cc, segment_parser.cc),
// instructions included (instr_parser.cc, imm_parser.cc). Each field goes straight into its binary
// section, so nothing like a syntax tree exists and memory stays in proportion to the text. Nesting
// of instructions lives on a heap-allocated stack of frames: deep text costs no native stack.
//
// What is malformed is decided here; what is invalid (index out of range, types) is left to the
// validator, which reads the bytes. Spec: text/modules.
#pragma once

#include <unordered_map>

#include "engine/encode/module_writer.h"
#include "engine/encode/name_writer.h"
#include "engine/encode/type_writer.h"
#include "engine/module/module.h"
#include "engine/text/label_scope.h"
#include "engine/text/name_map.h"
#include "engine/text/text_module.h"
#include "engine/text/token_parser.h"
#include "engine/wasm/features.h"

namespace bls::text {

/// Index spaces with symbolic names.
enum class Space : u8 { Type, Func, Table, Memory, Global, Tag, Elem, Data };
constexpr u32 kSpaces = 8;

class ModuleParser : private TokenParser {
 public:
  ModuleParser(TokenList& list, NameArena& arena, const TextOptions& options, Diagnostics& diag)
      : TokenParser(list, arena, diag), options_(options) {}

  /// Also looks for the place of an instruction; may be null.
  void setQuery(PlaceQuery* query) { query_ = query; }

  /// Parses the fields in tokens [first, end). `moduleId` is the module's symbolic name, may be
  /// empty; `nameAt` the token index where its @name annotation would stand.
  Status parse(u32 first, u32 end, std::string_view moduleId, u32 nameAt, std::vector<u8>* out);

 private:
  // ---- scan.cc
  Status scanNames();
  Status scanField(u32 at);
  Status scanTypeField(u32 at);
  Status scanDefinition(u32 at, Space space);
  Status bind(Space space, u32 at);
  u32 skipInlineExports(u32 at) const;
  bool hasInlineSegment(u32 at, Space space) const;

  // ---- type_parser.cc
  struct TextType {
    SubType type;
    std::vector<u32> supers;
  };
  struct TypeUse {
    bool hasIndex = false;
    u32 index = 0;
    FuncType sig;  // the inline part
    bool hasInline = false;
  };
  Status parseTypes();
  Status typeField(u32 recStart, u32 recSize);
  Status subType(TextType* out, u32 typeIndex);
  Status compositeType(TextType* out, u32 typeIndex);
  Status structFields(TextType* out, u32 typeIndex);
  Status fieldType(FieldType* out);
  Status valType(ValType* out);
  Status heapType(HeapType* out);
  Status refType(ValType* out);
  bool atRefType() const;
  enum class ParamNames : u8 { None, Drop, Bind };
  Status funcSignature(FuncType* out, ParamNames names);
  Status valTypeGroup(std::vector<ValType>* out, bool bindNames);
  /// `(type x)? (param …)* (result …)*`; checks that both agree.
  Status typeUse(TypeUse* out, ParamNames names);
  /// The type index a use stands for; appends a type to the section when there is none.
  u32 typeIndexOf(const TypeUse& use);
  static std::string signatureKey(const FuncType& type);
  const FuncType* funcTypeAt(u32 index) const;
  void writeTypeSection();
  Status limits(Limits* out);
  Status tableType(TableType* out);
  Status memoryType(MemoryType* out);
  Status pageSize(MemoryType* out);
  Status globalType(GlobalType* out);

  // ---- field_parser.cc
  Status parseFields();
  u64 queriedEntries();
  void noteField(u32 token, u64 before);
  Status field();
  Status importField();
  Status importedType(ExternKind kind, u32 index);
  Status exportField();
  Status startField();
  Status funcField();
  Status funcBody(u32 funcIndex);
  Status deferredInstructions();
  Status constExpr(ByteWriter& out);
  Status localGroups();
  Status tableField();
  Status memoryField();
  Status globalField();
  Status tagField();
  Status inlineExports(ExternKind kind, u32 index);
  /// `(import "m" "n")` inside a definition; `*isImport` says whether it was there.
  Status inlineImport(ExternKind kind, Space space, bool* isImport);
  Status noteDefinition(Space space);
  Status checkImportOrder();
  void beginImport(std::string_view module, std::string_view name, ExternKind kind);
  void addExport(std::string_view name, ExternKind kind, u32 index);
  /// Id and @name behind a field's keyword; returns the index the thing has.
  Status takeIndex(Space space, u32* index);

  // ---- segment_parser.cc
  Status elemField();
  Status dataField();
  Status elemList(ByteWriter* items, u32* count, ValType* type, bool* isExprs);
  Status offsetExpr();
  Status stringList(ByteWriter* out);
  Status inlineElems(u32 table, const TableType& type, u64* count);
  Status inlineData(u32 memory, const MemoryType& type, u64* bytes);

  // ---- instr_parser.cc
  enum class FrameKind : u8 {
    Plain,      // folded instruction whose operands are being read
    Block,      // folded block, loop, try_table: closed by the parenthesis
    If,         // folded if, before `then` and between its arms
    Arm,        // inside (then …), (else …), (do …), (catch …)
    Try,        // folded legacy try
    FlatBlock,  // block, loop, try_table: closed by `end`
    FlatIf,
    FlatElse,
    FlatTry,
    FlatCatch,
    FlatCatchAll,
  };
  struct Frame {
    FrameKind kind;
    u8 state = 0;         // If: arms read. Try: 0 before do, 1 behind it, 2 in catches, 3 closed
    bool hinted = false;  // Plain, If: has a branch hint of value `hint`
    u8 hint = 0;
    u32 pending = 0;  // Plain, If: start of its bytes in pending_
    std::string_view label;
    u32 token = 0;  // where the instruction's name stands
  };
  /// Instructions up to the parenthesis that closes the surrounding form, which is left.
  Status instructions();
  /// Exactly one folded instruction.
  Status foldedInstruction();
  Status run(bool one);
  Status openFolded();
  Status openIfPart();
  Status openTryPart();
  Status closeFolded();
  Status flat();
  Status flatEnd();
  Status flatElse();
  Status flatCatch(Op op);
  Status flatDelegate();
  Status blockHead(Op op, ByteWriter& out, std::string_view* label);
  Status checkEndLabel();
  Status takeHint(Op op, Frame* frame);
  void recordHint(const Frame& frame);
  /// The instruction at this token is written next.
  void note(u32 token) {
    if (query_ != nullptr) noteSlow(token);
  }
  void noteSlow(u32 token);
  void emit(Op op) { writeOpcode(body_, op); }

  // ---- imm_parser.cc
  Status plain(Op op, ByteWriter& out);
  Status immediates(Op op, ByteWriter& out);
  Status index(Space space, u32* out);
  /// An index if one stands here, else 0.
  Status optionalIndex(Space space, u32* out);
  bool atIndex() const { return isId() || is(TokenKind::Number); }
  Status localIndex(u32* out);
  Status labelIndex(u32* out);
  Status fieldIndex(u32 type, u32* out);
  Status blockType(BlockImm* out);
  Status labelTable(ByteWriter& out);
  Status tryTable(ByteWriter& out);
  Status callIndirect(ByteWriter& out);
  Status twoIndices(Op op, ByteWriter& out);
  Status memArg(Op op, ByteWriter& out, bool hasLane);
  Status laneIndex(ByteWriter& out);
  Status shuffle(ByteWriter& out);
  Status vectorConst(ByteWriter& out);
  Status select(ByteWriter& out);
  Status refTypeOp(Op op, ByteWriter& out);
  Status castLabel(ByteWriter& out);

  // ---- annotation_parser.cc
  Annotation* annotationAt(u32 token, AnnotationKind kind);
  Status takeNameAnnotation(std::string* out, bool* has);
  Status moduleNameAnnotation(u32 nameAt);
  Status customAnnotations();
  Status customAnnotation(const Annotation& annotation);
  Status customPlace(const Annotation& annotation, size_t* at, ModuleWriter::Place* place);
  Status failAnnotation(const Annotation& annotation, const std::string& message,
                        ErrorClass cls = ErrorClass::Malformed);
  Status checkAllUsed(u32 first, u32 end);
  void writeHints();

  void nameThing(Space space, u32 index, std::string_view id);
  void nameInner(std::vector<IndirectNames>* maps, u32 outer, u32 index, std::string_view name);
  void writeNames();

  TextOptions options_;
  PlaceQuery* query_ = nullptr;
  u32 first_ = 0;
  u32 end_ = 0;
  NameMap names_[kSpaces];
  u32 counts_[kSpaces] = {};  // after the scan: size of each index space
  u32 next_[kSpaces] = {};    // while fields are read: next index
  std::unordered_map<u32, NameMap> fieldNames_;
  std::vector<TextType> types_;
  std::vector<u32> typeFields_;  // token indices of (type …) and (rec …)
  std::unordered_map<std::string, u32> typeOfSignature_;
  ModuleWriter writer_;
  NameSection nameSection_;
  bool hasNameSection_ = false;  // a @custom "name" replaces what we would write
  const char* lastDefinition_ = nullptr;
  bool started_ = false;
  bool usesDataIndex_ = false;

  // One function or constant expression.
  TokenList bodyTokens_;
  ByteWriter body_;
  ByteWriter pending_;
  std::vector<Frame> frames_;
  LabelScope labels_;
  NameMap locals_;
  u32 localCount_ = 0;
  u32 currentFunc_ = kNoFunc;  // kNoFunc in constant expressions
  struct Hint {
    u32 offset;
    u8 value;
  };
  std::vector<Hint> hints_;
  ByteWriter hintSection_;
  u32 hintedFuncs_ = 0;
};

/// "type", "function" … as error messages name the spaces.
const char* spaceName(Space space);

}  // namespace bls::text
