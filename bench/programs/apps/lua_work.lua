-- Workload for the Lua benchmark: text, objects, closures, tables, numbers. Called as
-- work(rounds); returns an integer. Raises no error and never yields.
local function rng(seed)
  return function(bound)
    seed = (seed * 6364136223846793005 + 1442695040888963407)
    return ((seed >> 33) % bound) + 1
  end
end

local function mix(sum, value)
  sum = (sum ~ value) * 0x100000001b3
  return sum ~ (sum >> 29)
end

local words = { "river", "stone", "lamp", "winter", "copper", "garden", "window", "paper", "signal", "orchard" }

local function text(random)
  local parts = {}
  for i = 1, 60 do
    parts[#parts + 1] = words[random(#words)]
    if i % 9 == 0 then parts[#parts] = parts[#parts]:upper() .. "," end
    if i % 13 == 0 then parts[#parts + 1] = ("%d.%02d"):format(random(500), random(99)) end
  end
  return table.concat(parts, " ")
end

local function count_words(body, counts)
  for word in body:gmatch("%a+") do
    local key = word:lower()
    counts[key] = (counts[key] or 0) + 1
  end
  local digits = 0
  body:gsub("(%d+)%.(%d+)", function(a, b) digits = digits + tonumber(a) * 100 + tonumber(b) end)
  return digits
end

local Account = {}
Account.__index = Account
function Account.new(owner) return setmetatable({ owner = owner, balance = 0, history = {} }, Account) end
function Account:deposit(amount)
  self.balance = self.balance + amount
  self.history[#self.history + 1] = amount
end
function Account:withdraw(amount)
  if amount > self.balance then return false end
  self.balance = self.balance - amount
  self.history[#self.history + 1] = -amount
  return true
end
local Savings = setmetatable({}, { __index = Account })
Savings.__index = Savings
function Savings.new(owner) return setmetatable(Account.new(owner), Savings) end
function Savings:deposit(amount) Account.deposit(self, amount + amount // 50) end

local function bank(random)
  local accounts = {}
  for i = 1, 12 do accounts[i] = (i % 3 == 0 and Savings or Account).new("owner" .. i) end
  local refused = 0
  for _ = 1, 400 do
    local from, to, amount = accounts[random(12)], accounts[random(12)], random(90)
    if from:withdraw(amount) then
      to:deposit(amount)
    else
      from:deposit(amount // 2)
      refused = refused + 1
    end
  end
  local total = refused
  for i, account in ipairs(accounts) do total = total + account.balance * i + #account.history end
  return total
end

local function matrix(n, random)
  local a, b, trace = {}, {}, 0
  for i = 1, n do
    a[i], b[i] = {}, {}
    for j = 1, n do
      a[i][j], b[i][j] = random(100) * 0.5, random(100) * 0.25
    end
  end
  for i = 1, n do
    for j = 1, n do
      local s = 0
      for k = 1, n do s = s + a[i][k] * b[k][j] end
      if (i + j) % 7 == 0 then trace = trace + s end
    end
  end
  return math.floor(trace * 8)
end

local function sort_records(random)
  local list = {}
  for i = 1, 150 do list[i] = { key = random(1000), name = words[random(#words)], place = i } end
  table.sort(list, function(x, y)
    if x.name ~= y.name then return x.name < y.name end
    if x.key ~= y.key then return x.key < y.key end
    return x.place < y.place
  end)
  local sum = 0
  for i, item in ipairs(list) do sum = sum + item.place * i end
  return sum
end

local function memoize(f)
  local known = {}
  return function(n)
    local value = known[n]
    if not value then
      value = f(n)
      known[n] = value
    end
    return value
  end
end

local function closures(limit)
  local steps
  steps = memoize(function(n)
    if n == 1 then return 0 end
    return 1 + steps(n % 2 == 0 and n // 2 or 3 * n + 1)
  end)
  local best, at = 0, 0
  for i = 1, limit do
    local s = steps(i)
    if s > best then best, at = s, i end
  end
  return best * 1000 + at
end

function work(rounds)
  local sum = 0
  for round = 1, rounds do
    local random = rng(round * 7919)
    local counts = {}
    for _ = 1, 4 do sum = mix(sum, count_words(text(random), counts)) end
    for _, word in ipairs(words) do sum = mix(sum, counts[word] or 0) end
    sum = mix(sum, bank(random))
    sum = mix(sum, matrix(14, random))
    sum = mix(sum, sort_records(random))
    sum = mix(sum, closures(120 + round % 10))
  end
  return sum
end
