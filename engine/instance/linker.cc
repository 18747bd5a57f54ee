// Name look-up and import errors.
#include "engine/instance/linker.h"

namespace bls {
namespace {

// The module's length goes in front, so that no two pairs of names share a key, whatever bytes they
// hold.
std::string keyOf(std::string_view module, std::string_view name) {
  std::string key;
  u32 length = static_cast<u32>(module.size());
  key.reserve(module.size() + name.size() + sizeof length);
  key.append(reinterpret_cast<const char*>(&length), sizeof length);
  key.append(module);
  key.append(name);
  return key;
}

std::string quoted(std::string_view text) {
  return "\"" + escapeForMessage(text.data(), text.size(), 100) + "\"";
}

Trap unknownImportThunk(ExecCtx* cx, FuncObj* self, u64*) {
  if (cx->trapDetail != nullptr) *cx->trapDetail = self->hostName;
  return Trap::UnknownImport;
}

}  // namespace

void Linker::define(std::string_view module, std::string_view name, const Extern& item) {
  items_.insert_or_assign(keyOf(module, name), item);
}

void Linker::defineInstance(std::string_view module, Instance* instance) {
  for (const ExportDecl& decl : instance->module->exports)
    define(module, decl.name, exportOf(instance, decl));
}

void Linker::addProvider(std::string_view module, ImportProvider* provider) {
  providers_.emplace_back(std::string(module), provider);
}

const Extern* Linker::find(std::string_view module, std::string_view name) {
  std::string key = keyOf(module, name);
  auto known = items_.find(key);
  if (known != items_.end()) return &known->second;
  for (auto it = providers_.rbegin(); it != providers_.rend(); ++it) {
    Extern made;
    if (it->first == module && it->second->provide(*store_, name, &made)) {
      return &items_.emplace(std::move(key), made).first->second;
    }
  }
  return nullptr;
}

Extern Linker::trappingImport(const Module& m, const ImportDecl& decl) {
  std::string label = std::string(decl.module) + "." + std::string(decl.name);
  auto text = std::make_shared<std::string>(std::move(label));
  const FuncType& type = m.funcTypeOf(decl.index);
  u32 params = 0, results = 0;
  for (ValType t : type.params) params += t.slots();
  for (ValType t : type.results) results += t.slots();
  FuncObj* func = store_->newHostFunc(m.canonTypes[m.funcs[FuncIndex{decl.index}].type], params,
                                      results, unknownImportThunk, nullptr, text->c_str());
  store_->keepAlive(std::move(text));
  return Extern::of(func);
}

Status Linker::resolve(const Module& m, Diagnostics& diag, std::vector<Extern>* out) {
  out->clear();
  out->reserve(m.imports.size());
  for (const ImportDecl& decl : m.imports) {
    const Extern* item = find(decl.module, decl.name);
    if (item == nullptr) {
      if (unknownTrap_ && decl.kind == ExternKind::Func) {
        out->push_back(trappingImport(m, decl));
        continue;
      }
      return diag.fail(ErrorClass::Link,
                       std::string("unknown import: ") + externKindName(decl.kind) + " " +
                           quoted(decl.module) + " " + quoted(decl.name),
                       decl.offset);
    }
    std::string why;
    if (!matchImport(m, decl, *item, &why)) {
      return diag.fail(
          ErrorClass::Link,
          "incompatible import type: " + quoted(decl.module) + " " + quoted(decl.name) + " " + why,
          decl.offset);
    }
    out->push_back(*item);
  }
  return {};
}

}  // namespace bls
