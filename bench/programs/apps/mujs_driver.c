// Application: the MuJS JavaScript interpreter running mujs_work.js.
//
// Size: rounds of the script.
#include "bench/programs/kernels/kernel.h"
#include "mujs.h"

static const char kScript[] = {
#embed "mujs_work.js"
    , 0};

static void report(js_State* state, const char* message) {
  (void)state;
  fprintf(stderr, "mujs: %s\n", message);
}

static u64 run(u32 n) {
  js_State* state = js_newstate(NULL, NULL, JS_STRICT);
  if (!state) return 0;
  js_setreport(state, report);
  js_loadstring(state, "mujs_work.js", kScript);
  js_pushundefined(state);
  js_call(state, 0);
  js_pop(state, 1);
  js_getglobal(state, "work");
  js_pushundefined(state);
  js_pushnumber(state, n);
  js_call(state, 1);
  u64 sum = mix(0, (u64)(i64)js_tonumber(state, -1));
  js_pop(state, 1);
  js_freestate(state);
  return sum;
}

KERNEL_MAIN(run)
