// NativeModule: compiling on demand, faults, and the frames of compiled code.
#include "codegen/native_module.h"

#include <algorithm>
#include <cstdlib>

#include "engine/base/cpu.h"
#include "engine/exec/trap_handler.h"
#include "engine/object/func.h"
#include "engine/object/instance.h"

namespace bls::codegen {
namespace {

// Room for the code of a module: what its bodies may grow to, in address space.
u64 regionBytes(const Module& module) {
  constexpr u64 kPerByte = 24;
  constexpr u64 kPerFunction = 256;
  constexpr u64 kMost = u64{1} << 30;
  u64 bytes = 64 << 10;
  for (u32 i = module.importedFuncs; i < module.funcs.size(); ++i) {
    bytes += module.body(module.funcs[FuncIndex{i}]).size() * kPerByte + kPerFunction;
  }
  return std::min(bytes, kMost);
}

bool resolveFault(ExecCtx* cx, FaultState* state) {
  const NativeModule* native = static_cast<const NativeModule*>(cx->native);
  if (native == nullptr || !native->ownsAccess(state->pc)) return false;
  // As if the access had called: the stub finds where it came from on the stack.
  state->sp -= 8 * native->stubs().frameWords;
  *reinterpret_cast<u64*>(state->sp) = state->pc + 1;
  state->pc = reinterpret_cast<u64>(native->stubs().fault);
  return true;
}

}  // namespace

const FuncMeta& CompileInput::funcMeta() const {
  return meta->funcs[funcIndex - module->importedFuncs];
}

std::unique_ptr<NativeCode> makeNativeModule(const Module& module, const ModuleMeta& meta,
                                             const CodeOptions& options, FuncCode* cells) {
  const Stubs* shared = stubs();
  if (shared == nullptr) return nullptr;
  addFaultResolver(&resolveFault);
  auto made = std::make_unique<NativeModule>(module, meta, options, cells, *shared);
  if (!made->ready()) return nullptr;
  return made;
}

NativeModule::NativeModule(const Module& module, const ModuleMeta& meta, const CodeOptions& options,
                           FuncCode* cells, const Stubs& stubs)
    : module_(module),
      meta_(meta),
      options_(options),
      cells_(cells),
      stubs_(stubs),
      compiler_(makeFunctionCompiler(platform::cpuFeatures())),
      space_(CodeSpace::create(regionBytes(module))) {
  if (space_ == nullptr) return;
  accesses_ = static_cast<u64*>(std::calloc(space_->size() / 64 + 1, 8));
  for (u32 i = module.importedFuncs; i < module.funcs.size(); ++i) {
    cells[i].native.store(stubs.compileCallee, std::memory_order_relaxed);
  }
}
NativeModule::~NativeModule() { std::free(accesses_); }

CompileInput NativeModule::inputFor(u32 funcIndex) const {
  return {
      &module_, &meta_, options_, funcIndex, cells_[funcIndex].frameSlots, platform::cpuFeatures()};
}

bool NativeModule::compile(FuncCode* code) {
  MutexGuard guard(lock_);
  const void* now = code->native.load(std::memory_order_relaxed);
  if (now != stubs_.compileCallee) return now != stubs_.interpretCallee;
  CompiledCode made;
  const u8* at = nullptr;
  if (compiler_->compile(inputFor(code->funcIndex), false, &made)) at = space_->add(made.bytes);
  if (at == nullptr) {
    code->native.store(stubs_.interpretCallee, std::memory_order_release);
    return false;
  }
  const u32 begin = static_cast<u32>(at - space_->base());
  for (u32 access : made.accesses) {
    const u32 bit = begin + access;
    accesses_[bit / 64] |= u64{1} << bit % 64;
  }
  ranges_.push_back({begin, begin + static_cast<u32>(made.bytes.size()), code->funcIndex});
  code->nativeBody.store(at + made.bodyEntry, std::memory_order_release);
  code->native.store(at, std::memory_order_release);
  return true;
}

Trap NativeModule::run(ExecCtx* cx, FuncCode* code, u64* slots) {
  NativeCode* outer = cx->native;
  cx->native = this;
  cx->builtins = stubs_.builtins;
  const u64 trap = stubs_.gate(code->nativeBody.load(std::memory_order_acquire), slots, cx);
  cx->native = outer;
  return static_cast<Trap>(trap);
}

bool NativeModule::ownsAccess(u64 pc) const {
  if (!space_->contains(reinterpret_cast<const void*>(pc))) return false;
  const u64 bit = pc - reinterpret_cast<u64>(space_->base());
  return (accesses_[bit / 64] >> bit % 64 & 1) != 0;
}

const CodeSite* NativeModule::siteAt(const void* key, u32* funcIndex) {
  if (!space_->contains(key)) return nullptr;
  const u32 at = static_cast<u32>(static_cast<const u8*>(key) - space_->base());
  // A key is behind what it stands for, perhaps behind the last byte of the function.
  auto range = std::upper_bound(ranges_.begin(), ranges_.end(), at - 1,
                                [](u32 place, const Range& r) { return place < r.begin; });
  if (range == ranges_.begin()) return nullptr;
  --range;
  if (at > range->end) return nullptr;
  *funcIndex = range->funcIndex;
  auto [known, fresh] = sites_.try_emplace(range->funcIndex);
  if (fresh) {
    CompiledCode made;
    CHECK(compiler_->compile(inputFor(range->funcIndex), true, &made));
    CHECK(made.bytes.size() == range->end - range->begin);
    known->second = std::move(made.sites);
  }
  const u32 place = at - range->begin;
  const std::vector<CodeSite>& sites = known->second;
  auto site = std::lower_bound(sites.begin(), sites.end(), place,
                               [](const CodeSite& s, u32 wanted) { return s.at < wanted; });
  return site != sites.end() && site->at == place ? &*site : nullptr;
}

u32 NativeModule::frames(const void* sp, FramePlace* out, u32 max) {
  MutexGuard guard(lock_);
  u32 total = 0;
  for (const void* const* at = static_cast<const void* const*>(sp); *at != stubs_.gateReturn;
       at += stubs_.frameWords) {
    if (total < max) {
      u32 funcIndex = 0;
      const CodeSite* site = siteAt(*at, &funcIndex);
      CHECK(site != nullptr);
      out[total] = {funcIndex, site->offset, &module_};
    }
    ++total;
  }
  return total;
}

void NativeModule::settleTrap(ExecCtx* cx, Trap trap, const void* site) {
  cx->trap = trap;
  cx->trapPc = nullptr;
  NativeModule* self = static_cast<NativeModule*>(cx->native);
  if (!self->options_.metered) return;
  if (trap == Trap::OutOfFuel) {
    cx->fuel = 0;
    cx->fuelReserve = 0;
    cx->saveFuel();
    return;
  }
  MutexGuard guard(self->lock_);
  u32 funcIndex = 0;
  const CodeSite* found = self->siteAt(site, &funcIndex);
  if (found != nullptr) cx->fuel -= found->pending;
}

}  // namespace bls::codegen
