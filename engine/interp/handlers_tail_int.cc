// Tail back end: the handlers of handlers_int.def.
#define T0_FAMILY Int
#define T0_FAMILY_ROWS "engine/interp/handlers_int.def"
#define T0_FAMILY_HOT T0_HOT_INT
#include "engine/interp/tail_family.inc"
