// Tail back end: the handlers of handlers_atomic.def.
#define T0_FAMILY Atomic
#define T0_FAMILY_ROWS "engine/interp/handlers_atomic.def"
#define T0_FAMILY_HOT T0_HOT_ATOMIC
#include "engine/interp/tail_family.inc"
