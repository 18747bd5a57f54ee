// Semantics as compiled with -msse4.1, which CMakeLists.txt sets for this file.
#if defined(__SSE4_1__)
#define SEM_SUITE SemanticsSse41
#define SEM_SUPPORTED __builtin_cpu_supports("sse4.1")
#include "tests/engine/wasm/semantics_suite.h"
#endif
