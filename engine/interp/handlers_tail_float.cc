// Tail back end: the handlers of handlers_float.def.
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

#define HB T0_HANDLER
#define HT T0_HANDLER
#include "engine/interp/handlers_float.def"
#undef HB
#undef HT

extern const TailRow kTailFloat[];
const TailRow kTailFloat[] = {
#define HB(id, body) {H::id, &tail_##id},
#define HT(id, body) {H::id, &tail_##id},
#include "engine/interp/handlers_float.def"
#undef HB
#undef HT
};
extern const u32 kTailFloatCount;
const u32 kTailFloatCount = sizeof kTailFloat / sizeof kTailFloat[0];

extern const HotRow kHotFloat[];
const HotRow kHotFloat[] = {T0_HOT_FLOAT(T0_HOT_ROW)};
extern const u32 kHotFloatCount;
const u32 kHotFloatCount = sizeof kHotFloat / sizeof kHotFloat[0];

}  // namespace bls::interp
#endif
