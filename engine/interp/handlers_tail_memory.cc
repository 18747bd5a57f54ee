// Tail back end: the handlers of handlers_memory.def.
#define T0_FAMILY Memory
#define T0_FAMILY_ROWS "engine/interp/handlers_memory.def"
#define T0_FAMILY_HOT T0_HOT_MEMORY
#include "engine/interp/tail_family.inc"
