// NativeModule: compiling on demand, faults, and what belongs to an address in compiled code.
#include "codegen/native_module.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/base/cpu.h"
#include "engine/base/platform.h"
#include "engine/exec/trap_handler.h"
#include "engine/object/func.h"
#include "engine/object/instance.h"

namespace bls::codegen {
namespace {

// Room for the code of a module: what its bodies may grow to, in address space.
u64 regionBytes(const Module& module) {
  constexpr u64 kPerByte = 40;
  constexpr u64 kPerFunction = 256;
  constexpr u64 kMost = u64{1} << 30;
  u64 bytes = 64 << 10;
  for (u32 i = module.importedFuncs; i < module.funcs.size(); ++i) {
    bytes += module.body(module.funcs[FuncIndex{i}]).size() * kPerByte + kPerFunction;
  }
  return std::min(bytes, kMost);
}

bool mayCompile(const CodeOptions& options, u32 funcIndex) {
  const CodeOptions::FuncRanges* only = options.compileOnly;
  return only == nullptr || std::any_of(only->begin(), only->end(), [&](const auto& range) {
           return range.first <= funcIndex && funcIndex <= range.second;
         });
}

std::atomic<CodeObserver> codeObserver{nullptr};
std::atomic<CodeVerifier> codeVerifier{nullptr};

bool resolveFault(ExecCtx* cx, FaultState* state) {
  if (cx->instance == nullptr) return false;
  const NativeModule* native = static_cast<const NativeModule*>(cx->instance->native);
  if (native == nullptr) return false;
  // Guests run with all exceptions masked: what comes is a probe's, behind a host call.
  if (state->isFloat) return native->ownsCode(state->pc);
  if (!native->ownsAccess(state->pc)) return false;
  // As if the access had called: the stub finds where it came from on the stack.
  state->sp -= 8 * native->stubs().frameWords;
  *reinterpret_cast<u64*>(state->sp) = state->pc + 1;
  state->pc = reinterpret_cast<u64>(native->stubs().fault);
  return true;
}

}  // namespace

bool compileVerified(FunctionCompiler& compiler, CompileInput input, CompiledCode* out) {
  const CodeVerifier verifier = codeVerifier.load(std::memory_order_acquire);
  input.wantOrigins = verifier != nullptr;
  if (!compiler.compile(input, verifier != nullptr, out)) return false;
  if (verifier == nullptr) return true;
  const std::string problem = verifier(input, *out);
  if (problem.empty()) return true;
  std::fprintf(stderr, "%s\n", problem.c_str());
  UNREACHABLE("compiled code may leave its memory");
}

const FuncMeta& CompileInput::funcMeta() const {
  return meta->funcs[funcIndex - module->importedFuncs];
}

void setCodeObserver(CodeObserver observer) {
  codeObserver.store(observer, std::memory_order_release);
}
void setCodeVerifier(CodeVerifier verifier) {
  codeVerifier.store(verifier, std::memory_order_release);
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
    : NativeCode(stubs.gate, stubs.builtins),
      module_(module),
      meta_(meta),
      options_(options),
      cells_(cells),
      stubs_(stubs),
      compiler_(makeFunctionCompiler(platform::cpuFeatures())),
      space_(CodeSpace::create(regionBytes(module))) {
  if (space_ == nullptr) return;
  accesses_ = static_cast<u8*>(std::calloc(space_->size() / 8 + 1, 1));
  for (u32 i = module.importedFuncs; i < module.funcs.size(); ++i) {
    const void* callee = mayCompile(options, i) ? stubs.compileCallee : stubs.interpretCallee;
    cells[i].native.store(callee, std::memory_order_relaxed);
  }
}
NativeModule::~NativeModule() { std::free(accesses_); }

CompileInput NativeModule::inputFor(u32 funcIndex) const {
  return {
      &module_, &meta_, options_, funcIndex, cells_[funcIndex].frameSlots, platform::cpuFeatures()};
}

bool NativeModule::compile(FuncCode* code) {
  MutexGuard guard(lock_);
  return compileLocked(code);
}

const void* NativeModule::loopEntry(FuncCode* code, u32 bodyOffset) {
  MutexGuard guard(lock_);
  if (!compileLocked(code)) return nullptr;
  const std::vector<LoopEntry>& loops = loops_[code->funcIndex];
  auto found = std::lower_bound(loops.begin(), loops.end(), bodyOffset,
                                [](const LoopEntry& e, u32 at) { return e.bodyOffset < at; });
  if (found == loops.end() || found->bodyOffset != bodyOffset) return nullptr;
  return static_cast<const u8*>(code->native.load(std::memory_order_relaxed)) + found->at;
}

bool NativeModule::compileLocked(FuncCode* code) {
  if (tried(*code)) {
    return code->native.load(std::memory_order_relaxed) != stubs_.interpretCallee;
  }
  const u64 start = platform::monotonicNs();
  CompiledCode& made = made_;
  const bool covered = compileVerified(*compiler_, inputFor(code->funcIndex), &made);
  const u8* at = covered ? space_->add(made.bytes) : nullptr;
  stats_.ns += platform::monotonicNs() - start;
  if (!covered) return leaveLocked(code, &CompileStats::notCovered);
  if (at == nullptr) return leaveLocked(code, &CompileStats::noRoom);
  const u32 begin = static_cast<u32>(at - space_->base());
  for (u32 access : made.accesses) setBit(accesses_, begin + access);
  publishLocked(code, &made.loops, at, made.bodyEntry, static_cast<u32>(made.bytes.size()));
  return true;
}

bool NativeModule::leaveLocked(FuncCode* code, u32 CompileStats::* reason) {
  ++(stats_.*reason);
  code->native.store(stubs_.interpretCallee, std::memory_order_release);
  return false;
}

void NativeModule::publishLocked(FuncCode* code, std::vector<LoopEntry>* loops, const u8* at,
                                 u32 bodyEntry, u32 size) {
  const u32 begin = static_cast<u32>(at - space_->base());
  // A place may have been given before others that are known already.
  auto before = ranges_.end();
  while (before != ranges_.begin() && (before - 1)->begin > begin) --before;
  ranges_.insert(before, {begin, begin + size, code->funcIndex});
  stats_.wasmBytes += module_.body(module_.funcs[FuncIndex{code->funcIndex}]).size();
  if (!loops->empty()) loops_[code->funcIndex] = std::move(*loops);
  code->nativeBody.store(at + bodyEntry, std::memory_order_release);
  code->native.store(at, std::memory_order_release);
  if (const CodeObserver observer = codeObserver.load(std::memory_order_acquire)) {
    observer({&module_, code->funcIndex, at, size});
  }
}

Trap NativeModule::run(ExecCtx* cx, const void* entry, u64* slots, FuncCode** callee) {
  Instance* own = cx->instance;
  const u64 left = pass(cx, entry, slots, nullptr);
  if (BLS_UNLIKELY(left >= kTraps)) {
    *callee = reinterpret_cast<FuncCode*>(left);
    return Trap::None;
  }
  *callee = nullptr;
  if (BLS_UNLIKELY(cx->instance != own)) setCurrentInstance(cx, own);  // a trap elsewhere
  return static_cast<Trap>(left);
}

Trap NativeModule::resume(ExecCtx* cx, const void* at, u64* slots, FuncCode** callee) {
  cx->resumeAt = at;
  return run(cx, stubs_.resume, slots, callee);
}

CompileStats NativeModule::stats() const {
  MutexGuard guard(lock_);
  CompileStats out = stats_;
  out.functions = static_cast<u32>(ranges_.size());
  out.codeBytes = space_->used();
  out.tableBytes = u64{module_.funcs.size()} * sizeof(FuncCode) +
                   ranges_.capacity() * sizeof(Range) + space_->used() / 8 +
                   loops_.bucket_count() * sizeof(void*);
  constexpr u64 kNode = sizeof(decltype(loops_)::value_type) + 2 * sizeof(void*);
  for (const auto& [func, entries] : loops_)
    out.tableBytes += kNode + entries.capacity() * sizeof(LoopEntry);
  return out;
}

bool NativeModule::ownsAccess(u64 pc) const {
  if (!space_->contains(reinterpret_cast<const void*>(pc))) return false;
  const u64 bit = pc - reinterpret_cast<u64>(space_->base());
  return (accesses_[bit / 8] >> bit % 8 & 1) != 0;
}

bool NativeModule::placeOf(const void* key, Place* out) {
  MutexGuard guard(lock_);
  if (!space_->contains(key)) return false;
  const u32 at = static_cast<u32>(static_cast<const u8*>(key) - space_->base());
  // A key is behind what it stands for, perhaps behind the last byte of the function.
  auto range = std::upper_bound(ranges_.begin(), ranges_.end(), at - 1,
                                [](u32 place, const Range& r) { return place < r.begin; });
  if (range == ranges_.begin()) return false;
  --range;
  if (at > range->end) return false;
  auto [known, fresh] = maps_.try_emplace(range->funcIndex);
  if (fresh) {
    CompiledCode made;
    CHECK(compiler_->compile(inputFor(range->funcIndex), true, &made));
    CHECK(made.bytes.size() == range->end - range->begin);
    known->second = std::move(made.maps);
  }
  const u32 place = at - range->begin;
  const std::vector<CodeSite>& sites = known->second.sites;
  auto site = std::lower_bound(sites.begin(), sites.end(), place,
                               [](const CodeSite& s, u32 wanted) { return s.at < wanted; });
  if (site == sites.end() || site->at != place) return false;
  *out = {range->funcIndex, range->begin, &known->second, &*site};
  return true;
}

}  // namespace bls::codegen
