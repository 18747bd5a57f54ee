// Tail back end: the handlers of handlers_control.def.
#define T0_FAMILY Control
#define T0_FAMILY_ROWS "engine/interp/handlers_control.def"
#define T0_FAMILY_HOT T0_HOT_CONTROL
#include "engine/interp/tail_family.inc"
