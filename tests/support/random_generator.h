// The class behind random_module.h; private to the random_*.cc files. One Generator makes one
// module: module() lays out types, memories, tables, globals and tags, then writes the bodies.
//
// The rule of all emitters: expr(t) leaves exactly one value of type t above what was there,
// statement() leaves nothing; what lies below on the operand stack is never touched, so every
// emitter can be used at every place.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/wasm/types.h"
#include "tests/support/random_module.h"

namespace bls::test {

using TypeList = std::vector<ValType>;

struct Signature {
  TypeList params;
  TypeList results;
};
struct Field {
  ValType type;  // I8 and I16 are packed
  bool isMutable = true;
};
struct Composite {
  bool isArray = false;
  int super = -1;
  bool final = true;
  std::vector<Field> fields;  // one for arrays
};
struct FuncEntry {
  u32 type = 0;
};
struct MemoryEntry {
  bool is64 = false;
  bool shared = false;
  u32 pageLog = 16;
  u32 min = 1;
  u32 max = 3;
  u64 size() const { return u64{min} << pageLog; }
};
struct TableEntry {
  ValType elem;
  bool is64 = false;
  u32 min = 8;
  u32 max = 16;
};
struct GlobalEntry {
  ValType type;
  bool isMutable = true;
};
struct Label {
  TypeList types;
  bool usable = true;  // for random branches
  int counter = -1;    // local of a loop: every branch to it counts it down
  bool legacyCatch = false;
};

class Generator {
 public:
  Generator(Entropy& e, const Weights& w, const Generator* library)
      : e_(e), w_(w), library_(library) {}
  Bytes module();

 private:
  // random_module.cc: the module around the code
  void makeTypes();
  void makeImports();
  void makeSpaces();
  void makeFunctions();
  Bytes assemble();
  Bytes typeSection() const;
  Bytes importSection() const;
  Bytes globalSection();
  Bytes exportSection() const;
  Bytes elementSection() const;
  Bytes dataSection() const;
  u32 signature(const TypeList& params, const TypeList& results);
  const Signature& signatureOf(u32 type) const { return signatures_[type - composites_.size()]; }
  const Signature& signatureOfFunc(u32 func) const { return signatureOf(funcs_[func].type); }
  bool has(Feature f) const;
  bool risk(u32 oneIn = 24) { return risky_ && e_.below(oneIn) == oneIn - 1; }

  // random_code.cc: numbers, memory, control, calls
  void op(Op o);
  void op(Op o, u64 index);
  void op(Op o, u64 first, u64 second);
  void constI32(i64 value);
  void constI64(i64 value);
  void constant(ValType type);
  void leaf(ValType type, bool constantsOnly = false);
  void expr(ValType type, u32 depth);
  void exprs(const TypeList& types, u32 depth);
  void numberExpr(ValType type, u32 depth);
  void smallIndex(u32 limit, u32 depth, bool is64 = false);
  void plain(Op row, u32 depth);
  void settleNan(Op row);
  void operand(Op row, u32 at, u32 depth);
  void address(const MemoryEntry& memory, const OpInfo& info, bool far, u32 depth);
  void memArg(const OpInfo& info, u32 memory, bool far);
  bool plainOf(Group group, u8 result, u32 depth);
  void sink(ValType type);
  void sinkAll(const TypeList& types);
  u32 localOf(ValType type);
  u32 newLocal(ValType type);
  void blockType(const TypeList& params, const TypeList& results);
  void block(Op o, const TypeList& results);
  void open(Label label) { labels_.push_back(std::move(label)); }
  void close();
  void structured(const TypeList& results, u32 depth);
  void ifBlock(const TypeList& results, u32 depth);
  void loopBlock(const TypeList& results, u32 depth);
  void statements(u32 most, u32 depth);
  void statement(u32 depth);
  void guarded(u32 depth);  // opens `if`: what cannot fall through goes inside
  void controlStatement(u32 depth);
  void branchIf(u32 depth);
  void branchTable(u32 depth);
  void leaveFunction(u32 depth);
  void memoryStatement(u32 depth);
  void atomicStatement(u32 depth);
  void tableStatement(u32 depth);
  void call(u32 func, u32 depth);
  void callRandom(u32 depth);
  bool callFor(ValType type, u32 depth);
  void indirect(u32 func, bool tail, u32 depth);
  void body(u32 func);
  void runBody();
  ValType anyType();
  ValType numberType();
  TypeList typeList(u32 most);

  // random_refs.cc: references, GC, exceptions
  void refExpr(ValType type, u32 depth);
  void refOther(HeapType heap, u32 depth);
  bool canMake(HeapType heap) const;
  void newRef(HeapType heap, u32 depth);
  void newStruct(u32 type, u32 depth);
  void newArray(u32 type, u32 depth);
  void newException(u32 depth);
  void nonNull(HeapType heap, u32 depth);
  void heapType(HeapType heap);
  HeapType anyHeap();  // below `any`
  u32 compositeOf(bool isArray);
  bool fieldOf(ValType type, u32 depth);
  void i32FromRef(u32 depth);
  void refStatement(u32 depth);
  void gcStatement(u32 depth);
  void arrayStatement(u32 depth);
  void castBranch(u32 depth);
  void tryTable(const TypeList& results, u32 depth);
  void legacyTry(const TypeList& results, u32 depth);
  void throwStatement(u32 depth);
  bool callRef(bool tail, const TypeList* results, u32 depth);

  Entropy& e_;
  const Weights& w_;
  const Generator* library_;
  bool risky_ = false;
  bool oldExceptions_ = false;

  std::vector<Composite> composites_;
  std::vector<Signature> signatures_;
  std::vector<FuncEntry> funcs_;
  u32 importedFuncs_ = 0;
  std::vector<u32> libraryFuncs_;  // functions of the library that functions 2... are
  std::vector<u32> callable_;      // functions that anybody may call
  std::vector<MemoryEntry> memories_;
  std::vector<TableEntry> tables_;
  std::vector<GlobalEntry> globals_;
  std::vector<u32> tags_;  // types
  u32 importedMemories_ = 0, importedTables_ = 0, importedGlobals_ = 0, importedTags_ = 0;
  u32 stableTable_ = 0, scratchTable_ = 0, externTable_ = 0;
  int typedTable_ = -1;
  u32 budgetGlobal_ = 0, deepFunc_ = 0;

  Bytes code_;
  u32 func_ = 0;
  TypeList locals_;
  std::vector<bool> reserved_;
  std::array<int, 3> nanLocals_{};  // scratch of settleNan: f32, f64, v128; -1: not made yet
  std::vector<Label> labels_;       // innermost last
  u32 left_ = 0;                    // instructions this body may still have
  u32 trips_ = 1;                   // product of the loops around
};

void putType(Bytes& out, ValType type);

}  // namespace bls::test
