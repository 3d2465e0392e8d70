-- Gives permits to the heads of one process's queues, against all that other processes want.
--
-- KEYS[1]  seats: a hash with one field for each head of a queue of a process,
--          "<process> <class> <budget>" -> "<since> <patience> <wake>"
-- KEYS[2]  lanes: a hash with, for each budget and for the organisation (the empty name),
--          "next X"    its next slot, were they even, "before X"  what that was before the last one,
--          "taken X"   when its last slots were taken, "full X"   until when these are all it has,
--          "frozen X"  until when it has none,
--          and "margin <n>", the widest margin that a process needed in the n-th period of MEMORY
-- ARGV     process, time that both are kept (ms), the longest time until a head asks again, after
--          which once more a silent one is gone,
--          the margin that this process needs, the organisation's limit (a second; 0 is none),
--          number of notes, three for each: what, budget, value
--          then for each seat of this process: budget, class, how many wait, patience, limit
-- Returns  the margin in force, for how long the organisation is frozen, then for each seat:
--          the permits given, when the next slot may be due, for how long the budget is frozen.
--
-- All times are this server's, in microseconds. A seat keeps its place among those of other
-- processes while it comes back when it was told to. Slots are taken when they are due, never ahead.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local process, keep, look = ARGV[1], ARGV[2], tonumber(ARGV[3])
-- A head counts for those behind it from a little before it is to come until a little after.
local NEAR, LATE = 2000, 20000
-- For so long, and up to twice that, the margin that a process needed is everybody's: longer than
-- the second, and the margin, in which its call and those of others may be counted together.
local MEMORY = 1500000
-- More slots than this are kept apart by their spacing alone.
local MOST = 100

local lanes, seats = {}, {}

-- More digits than Lua writes by itself.
local function text(number) return string.format('%.0f', number) end
local function get(field) return tonumber(lanes[field] or '0') end
local function put(field, value)
  lanes[field] = value
  redis.call('HSET', KEYS[2], field, value)
end
local function even(lane) return math.max(get('next ' .. lane), get('frozen ' .. lane)) end
local function due(lane) return math.max(even(lane), get('full ' .. lane)) end
local function taken_of(lane)
  local taken = {}
  for time in string.gmatch(lanes['taken ' .. lane] or '', '%d+') do taken[#taken + 1] = time end
  return taken
end
-- When there is room for one more within the pace's span.
local function room(lane, pace)
  local taken = taken_of(lane)
  local first = taken[#taken - pace.count + 1]
  return math.max(get('frozen ' .. lane), first and first + pace.span or 0)
end

local raw = redis.call('HGETALL', KEYS[2])
for i = 1, #raw, 2 do lanes[raw[i]] = raw[i + 1] end
raw = redis.call('HGETALL', KEYS[1])
for i = 1, #raw, 2 do
  local class, lane = string.match(raw[i], '^%S+ (%d) (.*)$')
  local since, patience, wake = string.match(raw[i + 1], '^(%d+) (%d+) (%d+)$')
  if wake + look < now then
    redis.call('HDEL', KEYS[1], raw[i])
  else
    seats[raw[i]] = {
      name = raw[i], class = class, lane = lane,
      since = tonumber(since), patience = tonumber(patience), wake = tonumber(wake),
    }
  end
end

-- Each process learns from its own calls alone how unevenly they arrive, but the slots before and
-- behind one are those of others: the widest margin counts for all.
local margin = tonumber(ARGV[4])
do
  local period = math.floor(now / MEMORY)
  local this, last = 'margin ' .. text(period), 'margin ' .. text(period - 1)
  for field, _ in pairs(lanes) do
    if string.find(field, '^margin ') and field ~= this and field ~= last then
      redis.call('HDEL', KEYS[2], field)
    end
  end
  if margin > get(this) then put(this, ARGV[4]) end
  margin = math.max(get(this), get(last))
end

-- As many slots as the limit says take a second and the margin.
local function pace(limit)
  if limit == 0 then return { spacing = 0, count = 0, span = 0, slack = 0 } end
  local spacing, count = (1000000 + margin) / limit, math.min(limit, MOST)
  return { spacing = spacing, count = count, span = spacing * count, slack = spacing / 2 }
end
local whole = pace(tonumber(ARGV[5]))

-- Undoes a take, unless there has been another since.
local function give_back(lane, permit)
  local others, last = string.match(lanes['taken ' .. lane] or '', '^(.-) ?(%d+)$')
  if last == permit then
    put('taken ' .. lane, others)
    put('next ' .. lane, lanes['before ' .. lane])
    put('full ' .. lane, '0') -- there was room for the one before
  end
end

-- Takes a slot out that was not used.
local function forget(lane, permit)
  local others = {}
  for _, time in ipairs(taken_of(lane)) do
    if time ~= permit then others[#others + 1] = time end
  end
  put('taken ' .. lane, table.concat(others, ' '))
end

local at = 6
for _ = 1, tonumber(ARGV[at]) do
  local what, lane, value = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  at = at + 3
  if what == 'freeze' then
    put('frozen ' .. lane, text(math.max(get('frozen ' .. lane), now + value)))
  elseif what == 'leave' then
    local name = process .. ' ' .. value .. ' ' .. lane
    seats[name] = nil
    redis.call('HDEL', KEYS[1], name)
  elseif what == 'back' then
    give_back('', value)
    give_back(lane, value)
  elseif what == 'forget' then
    forget('', value)
    forget(lane, value)
  end
end

local mine, order = {}, {}
while at < #ARGV do
  local lane, class = ARGV[at + 1], ARGV[at + 2]
  local name = process .. ' ' .. class .. ' ' .. lane
  local seat = seats[name] or { name = name, class = class, lane = lane, since = now }
  seat.waiting, seat.patience = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  seat.pace, seat.permits = pace(tonumber(ARGV[at + 5])), {}
  at = at + 5
  seats[name], mine[name] = seat, true
  order[#order + 1] = seat
end

-- Class 0 had a permit and could not use it; of the others, whoever waits longest.
local function before(a, b)
  if (a.class == '0') ~= (b.class == '0') then return a.class == '0' end
  local left, right = a.since + a.patience, b.since + b.patience
  if left ~= right then return left < right end
  return a.name < b.name
end

local permits = 0
local function take(lane, pace, permit, again)
  if pace.count == 0 then return end
  local from = even(lane)
  if now - from > pace.slack then from = now end
  local taken = taken_of(lane)
  taken[#taken + 1] = permit
  while #taken > pace.count + 1 do table.remove(taken, 1) end
  local next = again and get('next ' .. lane) or from + pace.spacing
  local first = taken[#taken - pace.count + 1]
  put('full ' .. lane, text(first and first + pace.span or 0))
  put('before ' .. lane, lanes['next ' .. lane] or '0')
  put('next ' .. lane, text(next))
  put('taken ' .. lane, table.concat(taken, ' '))
end

-- When a head may have its slot. One that had one and could not use it has given that back, and
-- needs room within the span, but no distance from others.
local function ready(seat)
  if seat.class == '0' and seat.pace then
    return math.max(room('', whole), room(seat.lane, seat.pace))
  end
  return math.max(due(''), due(seat.lane))
end

while true do
  local best
  for name, seat in pairs(seats) do
    local is_here
    if mine[name] then
      is_here = seat.waiting > 0
    else
      is_here = seat.wake <= now + NEAR and seat.wake + LATE >= now
    end
    if is_here and ready(seat) <= now and (not best or before(seat, best)) then best = seat end
  end
  if not best or not mine[best.name] then break end
  local permit = text(now + permits) -- a name of its own
  permits = permits + 1
  take('', whole, permit, best.class == '0')
  take(best.lane, best.pace, permit, best.class == '0')
  best.permits[#best.permits + 1] = permit
  best.waiting, best.since = best.waiting - 1, now
end

local function left(lane) return text(math.max(0, get('frozen ' .. lane) - now)) end
local answer = { text(margin), left('') }
for _, seat in ipairs(order) do
  local wait = 0
  if seat.waiting > 0 then
    local turn = math.max(ready(seat), now)
    local later = 0
    for name, other in pairs(seats) do
      local wants = name ~= seat.name and (not mine[name] or other.waiting > 0)
      if wants and ready(other) <= turn and before(other, seat) then
        later = math.max(later, other.lane == seat.lane and seat.pace.spacing or whole.spacing)
      end
    end
    if turn <= now then
      -- Whoever is before it is about to ask, or never will.
      wait = LATE
    else
      wait = math.max(turn + later - now, 1000)
    end
    redis.call('HSET', KEYS[1], seat.name,
      text(seat.since) .. ' ' .. text(seat.patience) .. ' ' .. text(now + math.min(wait, look)))
  else
    redis.call('HDEL', KEYS[1], seat.name)
  end
  answer[#answer + 1] = { seat.permits, text(wait), left(seat.lane) }
end
redis.call('PEXPIRE', KEYS[1], keep)
redis.call('PEXPIRE', KEYS[2], keep)
return answer
