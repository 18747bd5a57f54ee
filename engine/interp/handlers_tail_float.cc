// Tail back end: the handlers of handlers_float.def.
#define T0_FAMILY Float
#define T0_FAMILY_ROWS "engine/interp/handlers_float.def"
#define T0_FAMILY_HOT T0_HOT_FLOAT
#include "engine/interp/tail_family.inc"
