-- Errors in every way Lua has them: each is one longjmp in the interpreter, and a WebAssembly
-- exception in the guest. Prints what was caught and a sum over many more.

local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  print(table.concat(parts, "\t"))
end

-- strings, numbers, nil, tables and tables with metatables as error values
show(pcall(error, "plain", 0))
show(pcall(error, 42))
show(pcall(error))
show(pcall(error, nil))
show(select("#", pcall(error)))
local Problem = {__tostring = function(self) return "problem " .. self.code end}
show(pcall(error, setmetatable({code = 7}, Problem)))
show(pcall(function() error("with position") end))
show(pcall(function() error("of the caller", 2) end))

-- errors of the machine
show(pcall(function() return nil + 1 end))
show(pcall(function() local t; t.x = 1 end))
show(pcall(function() return #5 end))
show(pcall(function() return {} < {} end))
show(pcall(function() return ("x"):rep(1 << 40) end))
show(pcall(function() return 1 // 0 end))
show(pcall(function() return math.tointeger(2 ^ 53) // 0 | 0 end))
show(pcall(string.format, "%d", 1.5))
show(pcall(setmetatable, {}, 5))
show(load("x = = 1"))
show(load("goto nowhere"))
show(pcall(load, nil))

-- handlers, and errors in handlers
show(xpcall(function() error("first", 0) end, function(m) return m .. ", handled" end))
show(xpcall(function() error("first", 0) end, function(m) error(m .. ", again", 0) end))
show(select("#", xpcall(error, debug.traceback, "traced", 0)))

-- a stack that is too deep, from Lua and through C
local function deep(n) return 1 + deep(n + 1) end
local ok, message = pcall(deep, 1)
show(ok, (message:gsub("stack traceback.*", "")))
local function through(n) return (string.gsub("a", "a", function() return through(n + 1) end)) end
ok, message = pcall(through, 1)
show(ok, message)

-- coroutines: errors end them, close variables run
local co = coroutine.create(function(a)
  local guard <close> = setmetatable({}, {__close = function(_, e) show("closed with", e) end})
  local b = coroutine.yield(a + 1)
  error({b})
end)
show(coroutine.resume(co, 1))
local alive, value = coroutine.resume(co, 10)
show(alive, type(value), value[1], coroutine.status(co))
show(coroutine.resume(co))
show(coroutine.close(coroutine.create(print)))
local wrapped = coroutine.wrap(function() error("from wrap", 0) end)
show(pcall(wrapped))
show(pcall(function()
  local first <close> = setmetatable({}, {__close = function() error("in close", 0) end})
  error("body", 0)
end))

-- yields across pcall
local gen = coroutine.wrap(function()
  for i = 1, 3 do
    show(pcall(function()
      coroutine.yield(i)
      error("after " .. i, 0)
    end))
  end
  return "done"
end)
show(gen(), gen(), gen(), gen())

-- many: nested to a depth, thrown through frames that catch and throw on
local function nest(depth, i)
  if depth == 0 then error(i % 97, 0) end
  local fine, caught = pcall(nest, depth - 1, i)
  assert(not fine)
  error(caught + depth, 0)
end
local sum = 0
for i = 1, 2000 do
  local _, caught = pcall(nest, i % 12, i)
  sum = (sum * 31 + caught) % 1000003
end
show("sum", sum)
-- 20,000 more without nesting, with garbage
local count = 0
for i = 1, 20000 do
  local fine, e = pcall(error, {i, tostring(i)})
  if not fine and e[1] == i and e[2] == tostring(i) then count = count + 1 end
end
show("count", count, collectgarbage("count") < 4096)
error("the last one ends the program", 0)
