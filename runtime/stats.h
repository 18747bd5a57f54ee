// RunStats: what a run used, as text for people or one line of JSON. Times in the output are
// microseconds.
#pragma once

#include <string>

#include "engine/base/ints.h"
#include "engine/exec/tier.h"
#include "engine/object/store.h"

namespace bls::cli {

struct RunStats {
  bool metered = false;
  u64 fuelLimit = 0;
  u64 fuelRemaining = 0;
  const char* schedule = "";
  u64 peakMemoryBytes = 0;
  bool hasDigest = false;
  u64 memoryDigest = 0;  // memoryDigest() below
  u64 moduleBytes = 0;
  u32 functions = 0;      // defined by the module
  u32 translated = 0;     // of them, translated because they were called
  bool compiles = false;  // the tier does
  CompileStats compile;
  u64 readNs = 0, decodeNs = 0, validateNs = 0, instantiateNs = 0, runNs = 0, totalNs = 0;
  int exitStatus = 0;
  const char* trap = nullptr;
};

/// {"fuel":{"used","remaining","limit","schedule"}|null,"memory":{"peak_bytes"[,"digest"]},
///  "module":{"bytes"},"functions":{"defined","translated","compiled"},
///  "compile":{"wasm_bytes","code_bytes","table_bytes","time_us","loop_entries",
///   "tier_downs","left":{"not_covered","no_room"}}|null,
///  "time_us":{"read","decode","validate","instantiate","run","total"},
///  "exit":{"status","trap"}} and a newline.
/// `digest`, 16 hexadecimal digits, only when asked for.
std::string statsJson(const RunStats& stats);
std::string statsText(const RunStats& stats);

/// A hash of sizes and contents of all memories of a store, in the order they were made: the same
/// for the same run on every machine and in every tier. Not against attackers.
u64 memoryDigest(const Store& store);

}  // namespace bls::cli
