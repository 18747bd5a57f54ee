// Tail back end: the handlers of handlers_control.def.
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

#define HB T0_HANDLER
#define HT T0_HANDLER
#include "engine/interp/handlers_control.def"
#undef HB
#undef HT

extern const TailRow kTailControl[];
const TailRow kTailControl[] = {
#define HB(id, body) {H::id, &tail_##id},
#define HT(id, body) {H::id, &tail_##id},
#include "engine/interp/handlers_control.def"
#undef HB
#undef HT
};
extern const u32 kTailControlCount;
const u32 kTailControlCount = sizeof kTailControl / sizeof kTailControl[0];

extern const HotRow kHotControl[];
const HotRow kHotControl[] = {T0_HOT_CONTROL(T0_HOT_ROW)};
extern const u32 kHotControlCount;
const u32 kHotControlCount = sizeof kHotControl / sizeof kHotControl[0];

}  // namespace bls::interp
#endif
