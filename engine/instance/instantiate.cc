// Allocation of an instance in one block, its initial values, segments and start function.
#include "engine/instance/instantiate.h"

#include <algorithm>
#include <new>

#include "engine/exec/entry.h"
#include "engine/exec/tier.h"
#include "engine/instance/const_eval.h"
#include "engine/instance/startup_fuel.h"
#include "engine/module/type_canon.h"

namespace bls {
namespace {

// Hands out aligned pieces of the instance's block; with no block yet it only adds up their sizes.
class Carver {
 public:
  explicit Carver(u8* block) : block_(block) {}
  template <class T>
  T* take(u64 count) {
    used_ = (used_ + 15) & ~u64{15};
    u8* at = block_ == nullptr ? nullptr : block_ + used_;
    used_ += count * sizeof(T);
    return reinterpret_cast<T*>(at);
  }
  u64 used() const { return used_; }

 private:
  u8* block_;
  u64 used_ = 0;
};

class Builder {
 public:
  Builder(const InstantiateArgs& args, Diagnostics& diag)
      : args_(args), store_(*args.store), m_(*args.module), diag_(diag) {}

  Result<Instantiated> run() {
    Store::Mark mark = store_.mark();
    Status built = build();
    if (!built.ok()) {
      store_.rollback(mark);
      return built;
    }
    Instantiated out{instance_, chargeStartup()};
    if (out.trap == Trap::None) out.trap = applySegments();
    if (out.trap == Trap::None && args_.runStart && m_.startFunc != Module::kNoFunc32)
      out.trap = runStart();
    // An error this late (an offset that cannot be evaluated, no stack) leaves the instance behind,
    // unused.
    if (diag_.first() != nullptr) return Status(diag_.first());
    return out;
  }

 private:
  // The startup function of schedules that have one: its entry with the usual check, then its work,
  // which nothing checks before the start function's entry does. Spec: fuel contract, sections 4
  // and 6.
  Trap chargeStartup() {
    if (args_.schedule == nullptr) return Trap::None;
    StartupCharge charge = startupCharge(m_, *args_.schedule);
    if (!charge.exists) return Trap::None;
    store_.consumeFuel(args_.schedule->entryCost);
    if (store_.remainingFuel() == 0) return Trap::OutOfFuel;
    store_.consumeFuel(charge.units + elements_ * args_.schedule->perElement);
    return Trap::None;
  }

  Status build() {
    TRY(allocate());
    bindImports();
    TRY(makeMemories());
    TRY(makeGlobals());
    TRY(makeTables());
    for (u32 i = m_.importedTags; i < m_.tags.size(); ++i) {
      instance_->tags[i] = store_.newTag(m_.canonTypes[m_.tags[TagIndex{i}].type]);
    }
    TRY(makeSegments());
    const ExportDecl* memory = m_.findExport("memory");
    if (memory != nullptr && memory->kind == ExternKind::Memory)
      instance_->exportedMemory = instance_->memories[memory->index];
    return {};
  }

  Status limit(std::string why) { return diag_.fail(ErrorClass::Limit, std::move(why)); }

  void layOut(Carver& carver, Instance* instance) {
    Instance scratch;
    Instance& at = instance != nullptr ? *instance : scratch;
    carver.take<Instance>(1);
    at.globals = carver.take<GlobalCell>(m_.globals.size());
    at.memories = carver.take<MemoryObj*>(m_.memories.size());
    at.tables = carver.take<TableObj*>(m_.tables.size());
    at.imports = carver.take<FuncObj*>(m_.importedFuncs);
    at.funcs = carver.take<FuncObj*>(m_.funcs.size());
    at.tags = carver.take<TagObj*>(m_.tags.size());
    at.datas = carver.take<DataInstance>(m_.datas.size());
    at.elems = carver.take<ElemInstance>(m_.elems.size());
  }

  Status allocate() {
    Carver sizes(nullptr);
    layOut(sizes, nullptr);
    u8* block = static_cast<u8*>(store_.allocate(sizes.used()));
    if (block == nullptr)
      return limit("no memory for an instance of " + std::to_string(sizes.used()) + " bytes");
    instance_ = new (block) Instance();
    Carver carver(block);
    layOut(carver, instance_);
    for (u32 i = 0; i < m_.elems.size(); ++i) new (&instance_->elems[i]) ElemInstance();
    instance_->code = args_.code;
    instance_->memory0 = &noMemory;
    if (args_.code->owner != nullptr) instance_->native = args_.code->owner->native();
    instance_->module = &m_;
    instance_->store = &store_;
    instance_->owner = args_.owner;
    instance_->canonTypes = m_.canonTypes.data();
    if (!store_.addInstance(instance_, m_.elems.size())) {
      return limit("instances " + std::to_string(store_.instances().size() + 1) + " > " +
                   std::to_string(store_.config().limits.instances));
    }
    return {};
  }

  void bindImports() {
    for (size_t i = 0; i < m_.imports.size(); ++i) {
      const Extern& item = args_.imports[i];
      u32 index = m_.imports[i].index;
      switch (m_.imports[i].kind) {
        case ExternKind::Func: instance_->imports[index] = item.func; break;
        case ExternKind::Table: instance_->tables[index] = item.table; break;
        case ExternKind::Memory: instance_->memories[index] = item.memory; break;
        case ExternKind::Tag: instance_->tags[index] = item.tag; break;
        case ExternKind::Global:
          if (m_.globals[GlobalIndex{index}].type.isMutable) {
            instance_->globals[index].lo = reinterpret_cast<u64>(item.global);
          } else {
            instance_->globals[index] = *item.global;
          }
          break;
      }
    }
  }

  Status makeMemories() {
    for (u32 i = m_.importedMemories; i < m_.memories.size(); ++i) {
      std::string why;
      instance_->memories[i] = store_.newMemory(m_.memories[MemoryIndex{i}], &why);
      if (instance_->memories[i] == nullptr) return limit(std::move(why));
    }
    instance_->memory0 = m_.memories.empty() ? &noMemory : instance_->memories[0];
    return {};
  }

  Status makeGlobals() {
    for (u32 i = m_.importedGlobals; i < m_.globals.size(); ++i) {
      GlobalCell value{};  // not in place: the collector must not see a half-made one
      TRY(evalConst(instance_, m_.globals[GlobalIndex{i}].init, diag_, &value, &elements_));
      instance_->globals[i] = value;
    }
    return {};
  }

  Status makeTables() {
    for (u32 i = m_.importedTables; i < m_.tables.size(); ++i) {
      const TableDecl& decl = m_.tables[TableIndex{i}];
      GlobalCell init{};
      if (decl.hasInit) TRY(evalConst(instance_, decl.init, diag_, &init, &elements_));
      std::string why;
      instance_->tables[i] =
          store_.newTable(decl.type, canonical(m_, decl.type.elem), init.lo, &why);
      if (instance_->tables[i] == nullptr) return limit(std::move(why));
    }
    return {};
  }

  // Element values, before anything is written. Active segments of plain functions need none: they
  // are written from the declaration. Declarative ones are empty from the start.
  Status makeSegments() {
    for (u32 i = 0; i < m_.elems.size(); ++i) {
      const ElemDecl& decl = m_.elems[ElemIndex{i}];
      bool direct = decl.mode == SegmentMode::Active && !decl.isExprs;
      if (decl.mode == SegmentMode::Declarative || direct) continue;
      std::vector<u64>& refs = instance_->elems[i].refs;
      refs.reserve(decl.count());
      for (u32 func : decl.funcs) refs.push_back(reinterpret_cast<u64>(instance_->funcRef(func)));
      for (const ConstExpr& expr : decl.exprs) {
        GlobalCell value{};
        TRY(evalConst(instance_, expr, diag_, &value, &elements_));
        refs.push_back(value.lo);
      }
    }
    for (u32 i = 0; i < m_.datas.size(); ++i) {
      const DataDecl& decl = m_.datas[DataIndex{i}];
      if (decl.mode == SegmentMode::Passive) instance_->datas[i].bytes = m_.content(decl);
    }
    return {};
  }

  Trap applySegments() {
    for (u32 i = 0; i < m_.elems.size(); ++i) {
      const ElemDecl& decl = m_.elems[ElemIndex{i}];
      if (decl.mode != SegmentMode::Active) continue;
      Trap trap = applyElem(decl, instance_->elems[i]);
      if (trap != Trap::None) return trap;
      std::vector<u64>().swap(instance_->elems[i].refs);
    }
    for (const DataDecl& decl : m_.datas) {
      if (decl.mode != SegmentMode::Active) continue;
      GlobalCell offset{};
      if (!evalConst(instance_, decl.offset, diag_, &offset).ok()) return Trap::None;
      MemoryObj* memory = instance_->memories[decl.memory];
      if (args_.anotherThread && memory->type.limits.shared) continue;
      if (!memory->contains(offset.lo, decl.bytesSize)) return Trap::MemoryOutOfBounds;
      if (decl.bytesSize != 0)
        std::memcpy(memory->base + offset.lo, m_.content(decl).data(), decl.bytesSize);
    }
    return Trap::None;
  }

  Trap applyElem(const ElemDecl& decl, const ElemInstance& segment) {
    GlobalCell offset{};
    if (!evalConst(instance_, decl.offset, diag_, &offset).ok()) return Trap::None;
    TableObj* table = instance_->tables[decl.table];
    u64 count = decl.count();
    if (count > table->size || offset.lo > table->size - count) return Trap::TableOutOfBounds;
    for (size_t i = 0; i < count; ++i) {
      u64 ref =
          decl.isExprs ? segment.refs[i] : reinterpret_cast<u64>(instance_->funcRef(decl.funcs[i]));
      table->set(offset.lo + i, ref);
    }
    return Trap::None;
  }

  Trap runStart() {
    std::string why;
    ExecCtx* cx = store_.mainCtx(&why);
    if (cx == nullptr) {
      (void)limit(std::move(why));  // run() reports it
      return Trap::OutOfHostMemory;
    }
    u64* slots = entrySlots(cx, 0);
    return slots == nullptr ? Trap::StackOverflow
                            : callSlots(cx, instance_->funcRef(m_.startFunc), slots);
  }

  const InstantiateArgs& args_;
  Store& store_;
  const Module& m_;
  Diagnostics& diag_;
  Instance* instance_ = nullptr;
  u64 elements_ = 0;  // of arrays in initialisers
};

}  // namespace

Result<Instantiated> instantiate(const InstantiateArgs& args, Diagnostics& diag) {
  return Builder(args, diag).run();
}

}  // namespace bls
