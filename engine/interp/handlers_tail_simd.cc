// Tail back end: the handlers of handlers_simd.def.
#define T0_FAMILY Simd
#define T0_FAMILY_ROWS "engine/interp/handlers_simd.def"
#define T0_FAMILY_HOT T0_HOT_SIMD
#include "engine/interp/tail_family.inc"
