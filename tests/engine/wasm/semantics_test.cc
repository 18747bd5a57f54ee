// Semantics as the product compiles them by default.
#define SEM_SUITE Semantics
#include "tests/engine/wasm/semantics_suite.h"
