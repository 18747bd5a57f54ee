// syntheticModule: a module of many ordinary functions, as input of the decode, validate, translate
// and instantiate benchmarks, so that they need no file and scale by one number.
//
// Its functions have the instruction mix of compiled C: locals, loads and stores, loops, branches,
// calls, a br_table, constants of all sizes. It is valid and its export "run" can be called.
#pragma once

#include <vector>

#include "engine/base/ints.h"

namespace bls {

/// The bytes of a module with `functions` defined functions (at least 1), about 150 bytes each.
std::vector<u8> syntheticModule(u32 functions);

/// A module for call benchmarks. It imports "env" "step" of type i32 -> i32 and exports functions
/// of that type: "leaf" adds one; "callLoop", "hostLoop" and "indirectLoop" apply the leaf, the
/// import or a table entry as often as their argument says, and return the result ("hostLoop4" the
/// import four times as often, four in an iteration); "stop" runs into unreachable and "outside"
/// loads from behind the end of the memory.
std::vector<u8> callModule();

}  // namespace bls
