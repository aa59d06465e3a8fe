-- What wrk sends, and what each answer has to be; prints one line of JSON at the end.
local status, marker = tonumber(os.getenv("STATUS")), os.getenv("MARKER")
local body, start = os.getenv("BODY"), os.getenv("START")
local sent, threads = 0, {}
wrong = 0

wrk.method = os.getenv("METHOD")
if body then wrk.headers["Content-Type"] = "application/json" end
if os.getenv("BEARER") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("BEARER") end

function setup(thread)
  table.insert(threads, thread)
end

function request()
  if not body then return wrk.format() end
  sent = sent + 1
  return wrk.format(nil, nil, nil, (body:gsub("#", start .. sent)))
end

function response(code, _, text)
  if code ~= status or not text:find(marker, 1, true) then wrong = wrong + 1 end
end

function done(summary, latency)
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "wrong": %d, "lost": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong,
    errors.connect + errors.read + errors.write + errors.timeout))
end
