// Order of validation, chunks of bodies, and the rule that malformed outranks invalid.
#include "engine/validate/module_validator.h"

#include "engine/decode/body_decoder.h"
#include "engine/module/type_canon.h"
#include "engine/validate/declarations.h"
#include "engine/validate/type_validator.h"

namespace bls {
namespace {

/// A run of bodies that one task checks.
struct Chunk {
  u32 first = 0;  // function indices
  u32 end = 0;
  BodyResults results;
  Diagnostics diag;
};

struct ParallelBodies {
  const BodyContext& context;
  std::vector<Chunk>& chunks;
};

void checkChunk(const BodyContext& context, Chunk& chunk) {
  FuncValidator validator(context, chunk.results, chunk.diag);
  chunk.results.funcs.reserve(chunk.end - chunk.first);
  for (u32 i = chunk.first; i < chunk.end; ++i) {
    if (!validator.validateBody(i).ok()) return;
  }
}

// Cuts the bodies into runs of about equal bytes.
std::vector<Chunk> cut(const Module& m, u32 pieces) {
  std::vector<Chunk> chunks;
  u64 target = m.codeSize / pieces + 1;
  u64 size = 0;
  for (u32 i = m.importedFuncs; i < m.funcs.size(); ++i) {
    if (chunks.empty() || size >= target) {
      chunks.emplace_back();
      chunks.back().first = i;
      size = 0;
    }
    chunks.back().end = i + 1;
    size += m.funcs[FuncIndex{i}].bodySize;
  }
  return chunks;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), from.begin(), from.end());
    std::vector<T>().swap(from);
  }
}

// Moves a chunk's results behind what is there, in order of functions.
void merge(BodyResults& from, ModuleMeta* meta, BodyResults* firsts) {
  u32 loops = static_cast<u32>(meta->loops.size());
  u32 locals = static_cast<u32>(meta->loopLocals.size());
  u32 catches = static_cast<u32>(meta->catches.size());
  if (!meta->funcs.empty()) {
    for (FuncMeta& f : from.funcs) {
      f.firstLoop += loops;
      f.firstCatch += catches;
    }
    for (LoopMeta& loop : from.loops) loop.firstLocal += locals;
  }
  append(meta->funcs, from.funcs);
  append(meta->loops, from.loops);
  append(meta->loopLocals, from.loopLocals);
  append(meta->catches, from.catches);
  if (firsts->firstTryTable == kNoOffset) firsts->firstTryTable = from.firstTryTable;
  if (firsts->firstLegacyTry == kNoOffset) firsts->firstLegacyTry = from.firstLegacyTry;
}

Status checkBodies(const Module& m, const ValidateOptions& options, const BodyContext& context,
                   ModuleMeta* meta, BodyResults* firsts, Diagnostics& diag) {
  constexpr u32 kParallelAboveBytes = 1 << 18;
  constexpr u32 kChunksPerThread = 8;
  bool parallel = options.executor != nullptr && options.executor->concurrency() > 1 &&
                  m.codeSize > kParallelAboveBytes;
  std::vector<Chunk> chunks =
      cut(m, parallel ? options.executor->concurrency() * kChunksPerThread : 1);
  ParallelBodies work{context, chunks};
  if (parallel) {
    options.executor->parallelFor(
        static_cast<u32>(chunks.size()),
        [](void* data, u32 i) {
          ParallelBodies& bodies = *static_cast<ParallelBodies*>(data);
          checkChunk(bodies.context, bodies.chunks[i]);
        },
        &work);
  } else {
    for (Chunk& chunk : chunks) checkChunk(context, chunk);
  }
  for (Chunk& chunk : chunks) {
    if (chunk.diag.first() != nullptr) return diag.fail(*chunk.diag.first());
    merge(chunk.results, meta, firsts);
  }
  return {};
}

Status validate(const Module& m, const ValidateOptions& options, ModuleMeta* meta,
                Diagnostics& diag) {
  *meta = {};
  if (m.deferredInvalid != nullptr) {
    return diag.fail(
        {ErrorClass::Invalid, m.deferredInvalid, m.deferredOffset, m.deferredSection, kNoFunc});
  }
  TRY(validateTypes(m, diag));
  BodyContext context;
  context.module = &m;
  BodyResults firsts;
  TRY(validateDeclarations(m, &context, &firsts, diag));
  TRY(checkBodies(m, options, context, meta, &firsts, diag));
  if (firsts.firstTryTable != kNoOffset && firsts.firstLegacyTry != kNoOffset) {
    u64 at =
        firsts.firstTryTable > firsts.firstLegacyTry ? firsts.firstTryTable : firsts.firstLegacyTry;
    return diag.fail({ErrorClass::Invalid, "module mixes legacy and new exception handling", at,
                      "code", kNoFunc});
  }
  return {};
}

}  // namespace

Status validateModule(const Module& m, const ValidateOptions& options, ModuleMeta* meta,
                      Diagnostics& diag) {
  Status status = validate(m, options, meta, diag);
  if (status.ok() || status.error()->cls == ErrorClass::Malformed) return status;
  // Something is invalid, or over a limit. Were the bodies at least well-formed?
  for (u32 i = m.importedFuncs; i < m.funcs.size(); ++i) {
    Diagnostics bodyDiag;
    if (decodeBody(m, i, bodyDiag).ok() || bodyDiag.first()->cls != ErrorClass::Malformed) continue;
    diag.clear();
    return diag.fail(*bodyDiag.first());
  }
  return status;
}

}  // namespace bls
