// Linker: finds the imports of a module by their two names and checks that they fit. One linker
// works for one store.
//
// Names are bytes; the latest definition of a name wins. Host modules are not entered one by one:
// an ImportProvider makes a host function when a module first asks for it. Errors are of class
// Link: `unknown import` and `incompatible import type`, each naming module and field. Spec:
// exec/modules, instantiation (import matching).
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/instance/extern.h"
#include "engine/object/store.h"

namespace bls {

/// Makes what a host module offers, on demand. Lives as long as the linkers it is added to.
class ImportProvider {
 public:
  virtual ~ImportProvider() = default;
  /// False when there is nothing of that name. Called once per name and linker.
  virtual bool provide(Store& store, std::string_view name, Extern* out) = 0;
};

class Linker {
 public:
  explicit Linker(Store& store) : store_(&store) {}
  Store& store() const { return *store_; }

  void define(std::string_view module, std::string_view name, const Extern& item);
  /// All exports of an instance under a module name.
  void defineInstance(std::string_view module, Instance* instance);
  /// Names of `module` that are not defined otherwise come from `provider`; the latest provider of
  /// a module wins.
  void addProvider(std::string_view module, ImportProvider* provider);
  /// Unknown function imports become functions that trap with UnknownImport when they are called.
  void setUnknownImportsTrap(bool on) { unknownTrap_ = on; }

  /// Null when nothing has that name.
  const Extern* find(std::string_view module, std::string_view name);
  /// The imports of `m` in order, matched. Error: Link, at the import's offset.
  Status resolve(const Module& m, Diagnostics& diag, std::vector<Extern>* out);

 private:
  Extern trappingImport(const Module& m, const ImportDecl& decl);

  Store* store_;
  bool unknownTrap_ = false;
  std::unordered_map<std::string, Extern>
      items_;  // key: module, NUL-safe separator by length, name
  std::vector<std::pair<std::string, ImportProvider*>> providers_;
};

}  // namespace bls
