-- Sends the requests of a file (separated by NUL) in turn and checks every answer.
-- Arguments: the file, the status and a text of the body that are expected.
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  requests = {}
  for each in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = each
  end
  file:close()
  status, expected, at, wrong = tonumber(args[2]), args[3], 0, 0
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(answered, _, body)
  if answered ~= status or not body:find(expected, 1, true) then
    wrong = wrong + 1
  end
end

function done(summary, latency, _)
  local errors, wrongs = summary.errors, 0
  for _, thread in ipairs(threads) do
    wrongs = wrongs + thread:get("wrong")
  end
  io.write(string.format(
    '{"count":%d,"microseconds":%d,"p50":%.1f,"p99":%.1f,"wrong":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrongs,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
