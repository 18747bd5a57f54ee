// What guests, servers and other processes hand to the extensions: checks and seeds.
#include <array>

#include "engine/base/byte_reader.h"
#include "extensions/base/json.h"
#include "extensions/cgi/discovery.h"
#include "extensions/cgi/wire.h"
#include "extensions/drivers/url.h"
#include "extensions/ipfs/command.h"
#include "extensions/llm/options.h"
#include "extensions/llm/sse.h"
#include "extensions/net/url.h"
#include "extensions/rpc/request.h"
#include "extensions/s3/listing.h"
#include "extensions/s3/request.h"
#include "extensions/s3/xml.h"
#include "tests/fuzz/text_inputs.h"

namespace bls::test {
namespace {

using extensions::Json;
using namespace std::string_view_literals;

bool isUtf8(std::string_view text) {
  return isValidUtf8({reinterpret_cast<const u8*>(text.data()), text.size()});
}

bool allOf(std::string_view text, bool (*good)(char)) {
  for (char c : text) {
    if (!good(c)) return false;
  }
  return true;
}
bool isPrintable(char c) { return c > 0x20 && c < 0x7f; }
bool isHostByte(char c) {
  return isPrintable(c) && !(c >= 'A' && c <= 'Z') &&
         std::string_view("/?#@%\\").find(c) == std::string_view::npos;
}

// Lengths of the pieces in which a stream comes, made from its own bytes.
template <class Add>
void inPieces(std::string_view input, Add add) {
  for (size_t at = 0; at < input.size();) {
    const size_t size = 1 + static_cast<unsigned char>(input[at]) % 7;
    add(input.substr(at, size));
    at += size;
  }
}

std::string wrongUrl(const net::Url& url, bool asIs) {
  if (url.port == 0) return "port 0";
  if (url.host.empty() || url.host.size() > 255 || !allOf(url.host, isHostByte))
    return "bad host " + url.host;
  if ((url.host.find(':') != url.host.npos) != (url.host[0] == '['))
    return "a colon in the host " + url.host;
  if (url.literal && net::addressText(url.address) != url.host)
    return "the address is not " + url.host;
  if (url.target.empty() || url.target[0] != '/' || url.target.find('#') != url.target.npos ||
      !allOf(url.target, isPrintable))
    return "bad target " + url.target;
  const std::string text = url.text();
  if (text.size() > net::kMaxUrlBytes) return "too long";
  net::Url again;
  std::string why;
  if (!net::parseUrl(text, asIs, &again, &why)) return "does not read back: " + text + ": " + why;
  if (again.text() != text) return "reads back as " + again.text() + ": " + text;
  if (again.host != url.host || again.port != url.port || again.tls != url.tls ||
      again.literal != url.literal || again.address != url.address || !again.user.empty() ||
      !again.password.empty())
    return "another meaning when read back: " + text;
  return "";
}

std::string checkDriverUrl(std::string_view input, bool* accepted) {
  drivers::DriverUrl url;
  drivers::DriverUrl again;
  std::string why;
  if (!drivers::parseDriverUrl(input, &url, &why)) return wrongMessage(why);
  *accepted = true;
  for (const std::string& segment : url.segments) {
    if (segment.empty() || segment.find('/') != segment.npos)
      return "a segment of a driver URL: " + segment;
  }
  if (!drivers::parseDriverUrl(url.text(), &again, &why))
    return "a driver URL does not read back: " + why;
  return again.scheme == url.scheme && again.segments == url.segments
             ? ""
             : "a driver URL reads back in another way";
}

// A URL, or two lines: a URL and a reference from it.
std::string checkUrl(std::string_view input, bool* accepted) {
  const size_t line = input.find('\n');
  const std::string_view first = input.substr(0, line);
  net::Url url;
  net::Url exact;
  std::string why;
  const bool good = net::parseUrl(first, false, &url, &why);
  *accepted = good;
  if (const std::string wrong = good ? wrongUrl(url, false) : wrongMessage(why); !wrong.empty())
    return wrong;
  if (net::parseUrl(first, true, &exact, &why)) {
    if (const std::string wrong = wrongUrl(exact, true); !wrong.empty()) return wrong;
    if (good && exact.origin() != url.origin()) return "another origin as it is: " + exact.origin();
  }
  if (!good) return checkDriverUrl(first, accepted);
  if (line == input.npos) return "";
  net::Url target;
  return net::resolveUrl(url, input.substr(line + 1), &target, &why) ? wrongUrl(target, false)
                                                                     : wrongMessage(why);
}

void measure(const Json& value, u32 depth, u32* deepest, u64* values) {
  ++*values;
  if (value.is_structured()) *deepest = std::max(*deepest, ++depth);
  if (value.is_structured()) {
    for (const Json& item : value) measure(item, depth, deepest, values);
  }
}

std::string checkJson(std::string_view input, bool* accepted) {
  constexpr u32 kDepth = 4;
  constexpr u64 kValues = 12;
  Json value;
  std::string why;
  *accepted = extensions::readJson(input, &value, &why);
  if (*accepted !=
      extensions::jsonProblem(input, extensions::kJsonDepth, extensions::kJsonValues).empty())
    return "the check and the reader disagree";
  const std::string narrow = extensions::jsonProblem(input, kDepth, kValues);
  if (!*accepted) return narrow.empty() ? "narrow limits take more" : wrongMessage(why);
  u32 deepest = 0;
  u64 values = 0;
  measure(value, 0, &deepest, &values);
  if (narrow.empty()
          ? deepest > kDepth || values > kValues
          : !narrow.starts_with("nested more than 4") && !narrow.starts_with("more than 12"))
    return "narrow limits say " + narrow;
  const std::string text = extensions::jsonText(value);
  Json again;
  if (!isUtf8(text) || !allOf(text, [](char c) { return static_cast<u8>(c) >= 0x20; }))
    return "written with bytes that must be escaped";
  if (!extensions::readJson(text, &again, &why)) return "does not read back: " + why;
  return again == value && extensions::jsonText(again) == text
             ? ""
             : "reads back as something else: " + text;
}

// The events of a document as a document; false when it is malformed.
bool xmlAgain(std::string_view input, std::string* out, std::string* wrong) {
  s3::XmlReader reader(input);
  std::vector<std::string> open;
  for (;;) {
    switch (reader.next()) {
      case s3::XmlReader::Event::Malformed:
        if (reader.next() != s3::XmlReader::Event::Malformed) *wrong = "something after the end";
        return false;
      case s3::XmlReader::Event::Finished:
        if (!open.empty() || reader.depth() != 0) *wrong = "elements are open at the end";
        return true;
      case s3::XmlReader::Event::Start:
        open.emplace_back(reader.name());
        *out += "<" + open.back() + ">";
        if (open.back().empty()) *wrong = "an element without a name";
        break;
      case s3::XmlReader::Event::End:
        if (open.empty() || open.back() != reader.name()) {
          *wrong = "an end without its start";
          return false;
        }
        open.pop_back();
        *out += "</" + std::string(reader.name()) + ">";
        break;
      case s3::XmlReader::Event::Text:
        if (reader.text().empty() || open.empty() || !isUtf8(reader.text())) *wrong = "bad text";
        for (char c : reader.text())
          *out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
        break;
    }
    if (reader.depth() != open.size() || open.size() > s3::kMaxXmlDepth)
      *wrong = "a depth that cannot be";
  }
}

std::string checkXml(std::string_view input, bool* accepted) {
  std::string once;
  std::string twice;
  std::string wrong;
  *accepted = xmlAgain(input, &once, &wrong);
  if (*accepted && (!xmlAgain(once, &twice, &wrong) || once != twice))
    wrong += " reads back in another way: " + once;
  s3::Page page;
  Json value;
  std::string why;
  if (s3::readListing(input, &page)) {
    if (!*accepted) return "a listing that is no document";
    if (!extensions::readJson(page.json, &value, &why)) return "a listing is no JSON: " + why;
  }
  return wrong;
}

// Events as the standard words it: lines, fields, a blank line dispatches.
std::vector<std::string> eventsOf(std::string_view input) {
  std::vector<std::string> out;
  std::string line, type, data;
  if (input.starts_with("\xef\xbb\xbf")) input.remove_prefix(3);
  for (size_t i = 0; i < input.size(); ++i) {
    if (input[i] != '\r' && input[i] != '\n') {
      line += input[i];
      continue;
    }
    if (input[i] == '\r' && i + 1 < input.size() && input[i + 1] == '\n') ++i;
    const size_t colon = std::min(line.find(':'), line.size());
    std::string value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.erase(0, 1);
    if (line.substr(0, colon) == "event") type = value;
    if (line.substr(0, colon) == "data") data += value + "\n";
    if (line.empty()) {
      if (!data.empty())
        out.push_back((type.empty() ? "message" : type) + "\n" + data.substr(0, data.size() - 1));
      type.clear();
      data.clear();
    }
    line.clear();
  }
  return out;
}

std::string checkEvents(std::string_view input, bool* accepted) {
  const std::string text = std::string(input) + "\n";  // no line end may be half of one
  llm::EventReader reader;
  std::vector<std::string> got;
  bool tooLong = false;
  inPieces(text, [&](std::string_view piece) {
    tooLong |= !reader.add(piece);
    for (llm::Event event; reader.next(&event);) got.push_back(event.type + "\n" + event.data);
  });
  *accepted = !got.empty();
  if (tooLong) return "too long";
  return got == eventsOf(text) ? "" : "other events than the standard says";
}

std::string checkWire(std::string_view input, bool* accepted) {
  extensions::cgi::OpenRequest request;
  *accepted = extensions::cgi::decodeOpen(input, &request);
  if (*accepted && extensions::cgi::encodeOpen(request) != input)
    return "a request that encodes in another way";
  std::vector<std::string> wanted;
  for (std::string_view rest = input; rest.size() >= 5;) {
    u32 size;
    std::memcpy(&size, rest.data() + 1, sizeof size);
    if (size > rest.size() - 5) break;
    wanted.emplace_back(rest.substr(0, 1)) += rest.substr(5, size);
    rest.remove_prefix(5 + size_t{size});
  }
  extensions::cgi::FrameReader reader;
  std::vector<std::string> got;
  bool sane = true;
  inPieces(input, [&](std::string_view piece) {
    sane &= reader.add(piece);
    for (extensions::cgi::Frame frame; reader.next(&frame);)
      got.push_back(static_cast<char>(frame.kind) + frame.text);
  });
  *accepted |= !got.empty();
  return sane && got == wanted ? "" : "other frames than were sent";
}

std::string checkS3(const std::string& input, bool* accepted) {
  s3::Options options;
  std::string why;
  if (s3::readOptions(input, s3::Extra::Path, &options, &why) != s3::Code::Success)
    return wrongMessage(why);
  *accepted = true;
  s3::Action action;
  action.key = options.key;
  action.query = {{"prefix", options.key}};
  net::HttpRequest request;
  net::Url url;
  if (!s3::makeRequest(options, action, &request)) return "s3: not signed";
  for (const net::Header& header : request.headers) {
    if (const char* problem = net::headerProblem(header))
      return "s3: " + header.name + ": " + problem;
  }
  if (!net::parseUrl(request.url, true, &url, &why))
    return "";  // a host or a path that got too long
  if (url.port != options.endpoint.port || url.tls != options.endpoint.tls ||
      (url.host != options.endpoint.host &&
       url.host != options.bucket + "." + options.endpoint.host))
    return "s3: another server: " + request.url;
  return "";
}

// JSON that guests and programs write, by everything that reads some.
std::string checkCalls(std::string_view input, bool* accepted) {
  const std::string text(input);
  std::string why;
  if (const std::string wrong = checkS3(text, accepted); !wrong.empty()) return wrong;
  extensions::ipfs::Command command;
  if (extensions::ipfs::takeCommand(text, &command, &why) == extensions::ipfs::CommandEnd::Good) {
    *accepted = true;
    if (!command.target.starts_with("/api/v0/files/") || !allOf(command.target, isPrintable) ||
        command.target.find('#') != std::string::npos)
      return "ipfs: " + command.target;
  } else if (why.empty()) {
    return "ipfs: refused without a message";
  }
  llm::Options options;
  if (llm::parseOptions(text, &options)) {
    *accepted = true;
    llm::Options again;
    const std::string written = llm::optionsText(options);
    if (!llm::parseOptions(written, &again) || llm::optionsText(again) != written ||
        again.temperature != options.temperature || again.topP != options.topP)
      return "llm: " + written;
  }
  extensions::cgi::OpenRequest open;
  if (extensions::cgi::parseOpen(text, &open)) {
    *accepted = true;
    extensions::cgi::OpenRequest again;
    std::erase_if(open.variables, [](const auto& variable) {
      return (variable.first + variable.second).find('\0') != std::string::npos;
    });
    if (open.alias.find('\0') == open.alias.npos &&
        (!extensions::cgi::decodeOpen(extensions::cgi::encodeOpen(open), &again) ||
         again.alias != open.alias || again.arguments != open.arguments ||
         again.variables != open.variables))
      return "cgi: a request that the helper does not read";
  }
  extensions::cgi::ExtensionRow row;
  if (extensions::cgi::parseVerification(text, &row, &why)) {
    *accepted = true;
    if (!extensions::cgi::isAlias(row.alias)) return "cgi: an alias that is none: " + row.alias;
  }
  Json params;
  net::HttpRequest request;
  if (!extensions::readJson(text, &params, &why)) return wrongMessage(why);
  if (!extensions::rpc::takeRequest(params, &request, &why)) return wrongMessage(why);
  *accepted = true;
  return request.totalTimeoutMs != 0 ? "" : "rpc: no time";
}

constexpr std::string_view kUrlSeeds[] = {
    "HTTP://us%40er:pa%3Ass@EXAMPLE.com.:8080/a/./b/../c%2f?q=http://x@y/#f\n../d?e#g",
    "https://[::ffff:10.0.0.1]:443/x y?z \"<>\n//h:1/p",
    "http://[2001:db8::1]/\n?q",
    "https://1.2.3.4:65535\nhttp://a_b.test:80/x",
    "http://xn--bcher-kva.test?q\n/\xc3\xa9",
    "tcp://a//b/%41/c"};
constexpr std::string_view kUrlWords[] = {
    "/",    "//",    "?",     "#", "@",       ":",      "..",       "/../", "/./", "%2e",
    "%2F",  "%00",   "%",     "[", "]",       "::",     ".",        "\\",   "\n",  " ",
    "0x7f", "127.1", "65536", "0", "http://", "https:", "\xc3\xa9", "A",    "\t"};
constexpr std::string_view kJsonSeeds[] = {
    R"( {"b": [1, -2.5e3, null, true, {}], "a": "x\n\u00e9\ud83d\ude00", "a": 18446744073709551615} )",
    R"([[[["x"]]], -0, -0.0, 1e-400, 0.1])", "\"\\u0000 \xc3\xa9\""};
constexpr std::string_view kJsonWords[] = {"{",
                                           "}",
                                           "[",
                                           "]",
                                           ",",
                                           ":",
                                           "\"",
                                           "\\",
                                           "\\u",
                                           "\\ud800",
                                           "\\udc00",
                                           "null",
                                           "true",
                                           "false",
                                           "1e999",
                                           "-",
                                           "0",
                                           ".5",
                                           "9223372036854775808",
                                           "\xff",
                                           "\xef\xbb\xbf",
                                           "\x01",
                                           " ",
                                           "[[[[[[[[["};
constexpr std::string_view kXmlSeeds[] = {
    R"(<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3/"><Name>b</Name><Prefix/><IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;</NextContinuationToken><Contents><Key>a&#x41;&lt;</Key><LastModified>2026</LastModified><ETag>&quot;e&quot;</ETag><Size>12</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>)",
    "<a:b c='d' e = \"<f>\"><!-- g --><![CDATA[<h>&]]>i<j k='l'/>&#10;</a:b>\n"};
constexpr std::string_view kXmlWords[] = {
    "<",   ">",  "/>", "</",        "<a>",      "</a>",  "<!--",       "-->",    "<![CDATA[",
    "]]>", "<?", "?>", "<!DOCTYPE", "&",        "&amp;", "&#x10ffff;", "&#0;",   ";",
    ":",   "=",  "'",  "\"",        "\xc3\xa9", "\xff",  "<Contents>", "<Size>", " "};
constexpr std::string_view kEventSeeds[] = {
    "event: endpoint\r\ndata: /m?x:y\r\n\r\n",
    ": note\nid: 5\nretry: 1\ndata:x\n\n\n\nevent: e\n\ndata: y\n\n",
    "data: a\rdata:b\rdata:  c\r\rdata\n\n",
    "\xef\xbb\xbf"
    "data: {}\n\n"};
constexpr std::string_view kEventWords[] = {
    "\r", "\n", "\r\n", "data", "data:", "event:", ":", " ", "\n\n", "\xef\xbb\xbf", "dat", "x"};
constexpr std::string_view kWireSeeds[] = {
    "\1\0\0\0a\2\0\0\0\1\0\0\0b\0\0\0\0\1\0\0\0\4\0\0\0NAME\1\0\0\0v"sv,
    "\0\3\0\0\0\1hi\1\3\0\0\0\0[]\2\0\0\0\0"sv};
constexpr std::string_view kWireWords[] = {"\0\0\0\0"sv,         "\1\0\0\0"sv, "\2"sv,
                                           "\xff\xff\xff\xff"sv, "\0"sv,       "a"sv};
constexpr std::string_view kCallsSeeds[] = {
    R"({"bucket_name":"b","access_key":"a","secret_key":"s","endpoint":"https://s3.test:9000/x","region":"eu","path":"/k/..","prefix":"p"})",
    R"({"api":"files/ls","args":[{"name":"arg","value":"/a b"},{"name":"long","value":true}]})",
    R"({"system_message":"x","tools_sse_urls":["http://a/"],"temperature":0.7,"top_p":1e-45})",
    R"({"command":"a","args":["b",1],"envs":[{"env_name":"N","env_val":"v"},{"name":"M","value":"\u0000"}]})",
    R"({"alias":"a","description":"d","is_cgi":true})",
    R"({"url":"http://a/#f","options":{"method":"post","timeout":5,"headers":{"Content-Type":"multipart/form-data"},"query_params":{"a":"b c"},"body":[{"name":"n","value":{"Text":"t"}},{"name":"m","value":{"Binary":{"data":[1,255],"filename":"f\"","content_type":"x/y"}}}]}})",
    R"({"url":"u","options":{"body":{"k":"v&"}}})"};
constexpr std::string_view kCallsWords[] = {"\"body\":",
                                            "\"path\":",
                                            "\"endpoint\":",
                                            "\"envs\":",
                                            "\"args\":",
                                            "\"temperature\":",
                                            "\"headers\":",
                                            "\"value\":",
                                            "[",
                                            "]",
                                            "{",
                                            "}",
                                            ",",
                                            "null",
                                            "256",
                                            "-1",
                                            "3.5e38",
                                            "\"\\u0000\"",
                                            "\"\\r\\n\"",
                                            "\"",
                                            ".."};

constexpr std::array kTargets = {
    TextTarget{"url", checkUrl, kUrlSeeds, kUrlWords},
    TextTarget{"json", checkJson, kJsonSeeds, kJsonWords},
    TextTarget{"xml", checkXml, kXmlSeeds, kXmlWords},
    TextTarget{"events", checkEvents, kEventSeeds, kEventWords},
    TextTarget{"wire", checkWire, kWireSeeds, kWireWords},
    TextTarget{"calls", checkCalls, kCallsSeeds, kCallsWords},
};

}  // namespace

std::span<const TextTarget> extensionTargets() { return kTargets; }

}  // namespace bls::test
