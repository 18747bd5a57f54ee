// Semantics without any machine-specific form: what targets other than x86-64 and AArch64 run.
#define BLS_SEM_GENERIC 1
#define SEM_SUITE SemanticsPortable
#include "tests/engine/wasm/semantics_suite.h"
