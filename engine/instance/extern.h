// Extern: a thing that can be imported or exported. A small value that points into its store and
// owns nothing.
//
// Entry points: the `of…` makers, exportOf and findExport for an instance's exports, matchImport
// for the rules of linking. A global is its cell: two Externs with the same cell are the same
// global. Spec: exec/runtime, external instances; valid/matching, import subtyping.
#pragma once

#include <string>

#include "engine/module/module.h"
#include "engine/object/instance.h"

namespace bls {

struct Extern {
  ExternKind kind = ExternKind::Func;
  FuncObj* func = nullptr;
  TableObj* table = nullptr;
  MemoryObj* memory = nullptr;
  TagObj* tag = nullptr;
  GlobalCell* global = nullptr;
  GlobalType globalType;  // kind Global
  ValType globalCanon;    // its type with canonical ids

  static Extern of(FuncObj* func);
  static Extern of(TableObj* table);
  static Extern of(MemoryObj* memory);
  static Extern of(TagObj* tag);
  static Extern of(GlobalObj* global);
};

/// The object behind an export declaration of the instance's module.
Extern exportOf(Instance* instance, const ExportDecl& decl);
/// False when the instance exports nothing of that name.
bool findExport(Instance* instance, std::string_view name, Extern* out);

/// True when `given` may stand for the import; otherwise `why` says what differs.
bool matchImport(const Module& m, const ImportDecl& wanted, const Extern& given, std::string* why);

}  // namespace bls
