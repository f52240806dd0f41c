-- What Kong gives a serverless function: its sandbox (kong/tools/sandbox.lua: a list of globals, one module, no string.rep)
-- and the parts of the plugin development kit that deploy/kong/kong.yaml uses, over a list of headers as on the wire.
-- From outside: HEADERS ({ { name, value }, ... }), SHARED, NOW (seconds since 1970), decode_json(hex), decode_base64(hex).
-- The two give Lua source back ("nil" when the input is bad), so that bytes survive the way through JavaScript.
local EXIT = {}
local NULL = newproxy()
local exit

local function evaluate(source) return assert(loadstring("local null = ...; return " .. source))(NULL) end
local function hex(text) return (text:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end

local function without(name)
  local rest = {}
  for _, header in ipairs(HEADERS) do
    if header[1]:lower() ~= name:lower() then rest[#rest + 1] = header end
  end
  return rest
end

local request = {}
function request.get_headers()
  local headers = {}
  for _, header in ipairs(HEADERS) do
    local name, before = header[1]:lower(), headers[header[1]:lower()]
    if before == nil then
      headers[name] = header[2]
    elseif type(before) == "table" then
      before[#before + 1] = header[2]
    else
      headers[name] = { before, header[2] }
    end
  end
  return headers
end
function request.get_header(name)
  for _, header in ipairs(HEADERS) do
    if header[1]:lower() == name:lower() then return header[2] end
  end
end

local upstream = {}
function upstream.clear_header(name) HEADERS = without(name) end
function upstream.set_header(name, value)
  assert(type(value) == "string", "a header's value is text")
  HEADERS = without(name)
  HEADERS[#HEADERS + 1] = { name, value }
end

local response = {}
function response.exit(status, body, headers)
  exit = { status = status, code = body.code, type = headers["Content-Type"] }
  error(EXIT)
end

local cjson = { null = NULL }
function cjson.decode(text) return evaluate(decode_json(hex(text))) end

local function allowed(module)
  if module ~= "cjson.safe" then error("require '" .. module .. "' not allowed within sandbox") end
  return cjson
end

local environment = {
  assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall, select = select,
  tonumber = tonumber, tostring = tostring, type = type, unpack = unpack, xpcall = xpcall, require = allowed,
  ngx = {
    time = function() return NOW end,
    decode_base64 = function(text) return evaluate(decode_base64(hex(text))) end,
  },
  kong = {
    request = request,
    response = response,
    service = { request = upstream },
    ctx = { shared = SHARED },
  },
}

string.rep = nil
local ok, fault = pcall(setfenv(assert(loadstring(CODE)), environment))
if not ok and fault ~= EXIT then error(fault) end

local lines = {}
for _, header in ipairs(HEADERS) do lines[#lines + 1] = hex(header[1]) .. "=" .. hex(header[2]) end
local answer = exit and (exit.status .. " " .. exit.code .. " " .. exit.type) or ""
return answer .. "\n" .. table.concat(lines, ",")
