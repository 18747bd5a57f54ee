// Tail back end: the handlers of handlers_gc.def.
#define T0_FAMILY Gc
#define T0_FAMILY_ROWS "engine/interp/handlers_gc.def"
#define T0_FAMILY_HOT T0_HOT_GC
#include "engine/interp/tail_family.inc"
