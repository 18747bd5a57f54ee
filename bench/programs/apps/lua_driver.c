// Application: the Lua 5.4 virtual machine running lua_work.lua.
//
// Size: rounds of the script. Only the base, string, table, math and utf8 libraries are opened; the
// hash seed is fixed by the build so that table layouts agree.
#include "bench/programs/kernels/kernel.h"
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static const char kScript[] = {
#embed "lua_work.lua"
};

static u64 run(u32 n) {
  static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                       {LUA_TABLIBNAME, luaopen_table},
                                       {LUA_STRLIBNAME, luaopen_string},
                                       {LUA_MATHLIBNAME, luaopen_math},
                                       {LUA_UTF8LIBNAME, luaopen_utf8}};
  lua_State* state = luaL_newstate();
  if (!state) return 0;
  for (u32 i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
    luaL_requiref(state, libraries[i].name, libraries[i].func, 1);
    lua_pop(state, 1);
  }
  if (luaL_loadbuffer(state, kScript, sizeof kScript, "lua_work") != LUA_OK) {
    fprintf(stderr, "lua: %s\n", lua_tostring(state, -1));
    exit(2);
  }
  lua_call(state, 0, 0);
  lua_getglobal(state, "work");
  lua_pushinteger(state, n);
  lua_call(state, 1, 1);
  u64 sum = (u64)lua_tointeger(state, -1);
  lua_close(state);
  return sum;
}

KERNEL_MAIN(run)
