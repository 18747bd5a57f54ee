// Options and the four kinds of bodies.
#include "extensions/rpc/request.h"

#include <sys/random.h>

#include <algorithm>

namespace bls::extensions::rpc {
namespace {

bool fail(std::string* why, const char* text) {
  *why = text;
  return false;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Present and not null.
const Json* given(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// An array of numbers that are bytes.
bool takeBytes(const Json& array, std::string* out) {
  if (!array.is_array()) return false;
  out->reserve(array.size());
  for (const Json& value : array) {
    if (!value.is_number_unsigned() || value.get<u64>() > 255) return false;
    *out += static_cast<char>(value.get<u64>());
  }
  return true;
}

// A body of several parts, each with a name.
class Parts {
 public:
  Parts() {
    u8 random[16] = {};
    (void)!getrandom(random, sizeof random, 0);
    constexpr char kDigits[] = "0123456789abcdef";
    boundary_ = "bless-form-";
    for (u8 byte : random) {
      boundary_ += kDigits[byte >> 4];
      boundary_ += kDigits[byte & 15];
    }
  }
  void add(std::string_view name, const std::string* file, const std::string* type,
           std::string_view data) {
    text_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"" + quoted(name) + "\"";
    if (file != nullptr) text_ += "; filename=\"" + quoted(*file) + "\"";
    if (type != nullptr) text_ += "\r\nContent-Type: " + *type;
    text_ += "\r\n\r\n";
    text_ += data;
    text_ += "\r\n";
  }
  void finish(net::HttpRequest* request) {
    request->body = std::move(text_) + "--" + boundary_ + "--\r\n";
    std::erase_if(request->headers,
                  [](const net::Header& h) { return lowered(h.name) == "content-type"; });
    request->headers.push_back({"Content-Type", "multipart/form-data; boundary=" + boundary_});
  }

 private:
  // As forms of browsers do.
  static std::string quoted(std::string_view text) {
    std::string out;
    for (char c : text) {
      switch (c) {
        case '"': out += "%22"; break;
        case '\r': out += "%0D"; break;
        case '\n': out += "%0A"; break;
        default: out += c;
      }
    }
    return out;
  }
  std::string boundary_;
  std::string text_;
};

// {"name": n, "value": {"Text": s} | {"Binary": {"data", "filename", "content_type"}}}
bool addPart(const Json& item, Parts* parts) {
  const std::string* name = memberText(item, "name");
  const Json* value = member(item, "value");
  if (name == nullptr || value == nullptr) return false;
  if (const std::string* text = memberText(*value, "Text")) {
    parts->add(*name, nullptr, nullptr, *text);
    return true;
  }
  const Json* binary = member(*value, "Binary");
  const Json* data = binary != nullptr ? member(*binary, "data") : nullptr;
  std::string bytes;
  if (data == nullptr || !takeBytes(*data, &bytes)) return false;
  const Json* file = given(*binary, "filename");
  const Json* type = given(*binary, "content_type");
  if ((file != nullptr && !file->is_string()) || (type != nullptr && !type->is_string()))
    return false;
  const std::string* typeText = type != nullptr ? type->get_ptr<const std::string*>() : nullptr;
  if (typeText != nullptr && net::headerProblem({"Content-Type", *typeText}) != nullptr)
    return false;
  static const std::string kBytes = "application/octet-stream";
  parts->add(*name, file != nullptr ? file->get_ptr<const std::string*>() : nullptr,
             typeText != nullptr ? typeText : &kBytes, bytes);
  return true;
}

bool isMultipart(const net::HttpRequest& request, bool* typed) {
  *typed = false;
  for (const net::Header& header : request.headers) {
    if (lowered(header.name) != "content-type") continue;
    *typed = true;
    return lowered(header.value).starts_with("multipart/");
  }
  return false;
}

bool takeForm(const Json& fields, net::HttpRequest* out, std::string* why) {
  bool typed = false;
  const bool multipart = isMultipart(*out, &typed);
  Parts parts;
  std::string pairs;
  for (const auto& [name, value] : fields.items()) {
    const std::string* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return fail(why, "a field of the body is no string");
    if (multipart) {
      parts.add(name, nullptr, nullptr, *text);
    } else {
      pairs += (pairs.empty() ? "" : "&") + formEscaped(name) + "=" + formEscaped(*text);
    }
  }
  if (multipart) {
    parts.finish(out);
    return true;
  }
  out->body = std::move(pairs);
  if (!typed) out->headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  return true;
}

bool takeBody(const Json& body, net::HttpRequest* out, std::string* why) {
  out->hasBody = true;
  if (const std::string* text = body.get_ptr<const std::string*>()) {
    out->body = *text;
    return true;
  }
  if (body.is_object()) return takeForm(body, out, why);
  if (!body.is_array()) return fail(why, "the body is neither a string, an array nor an object");
  if (body.empty() || body[0].is_number())
    return takeBytes(body, &out->body) || fail(why, "the body is no array of bytes");
  Parts parts;
  for (const Json& item : body) {
    if (!addPart(item, &parts)) return fail(why, "a part of the body is not as it must be");
  }
  parts.finish(out);
  return true;
}

bool takeQuery(const Json& params, net::HttpRequest* out, std::string* why) {
  if (!params.is_object()) return fail(why, "query_params is no object");
  std::string query;
  for (const auto& [name, value] : params.items()) {
    const std::string* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return fail(why, "a value of query_params is no string");
    query += (query.empty() ? "?" : "&") + formEscaped(name) + "=" + formEscaped(*text);
  }
  const size_t fragment = std::min(out->url.find('#'), out->url.size());
  if (out->url.find('?') < fragment) return true;
  out->url.insert(fragment, query);
  return true;
}

void takeMethod(const std::string& text, std::string* out) {
  static constexpr std::string_view kKnown[] = {"get",    "post", "put",     "patch",
                                                "delete", "head", "options", "trace"};
  const std::string low = lowered(text);
  *out = text;
  if (std::find(std::begin(kKnown), std::end(kKnown), low) == std::end(kKnown)) return;
  for (char& c : *out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool takeOptions(const Json& options, net::HttpRequest* out, std::string* why) {
  if (!options.is_object()) return fail(why, "options is no object");
  if (const Json* method = given(options, "method")) {
    if (!method->is_string()) return fail(why, "method is no string");
    takeMethod(method->get_ref<const std::string&>(), &out->method);
  }
  if (const Json* timeout = given(options, "timeout")) {
    if (!timeout->is_number_unsigned() || timeout->get<u64>() > ~u32{0})
      return fail(why, "timeout is no number of milliseconds");
    out->totalTimeoutMs = std::max<u64>(1, timeout->get<u64>());
  }
  if (const Json* headers = given(options, "headers")) {
    if (!headers->is_object()) return fail(why, "headers is no object");
    for (const auto& [name, value] : headers->items()) {
      if (!value.is_string()) return fail(why, "a header is no string");
      out->headers.push_back({name, value.get_ref<const std::string&>()});
    }
  }
  if (const Json* query = given(options, "query_params"); query && !takeQuery(*query, out, why))
    return false;
  if (const Json* body = given(options, "body"); body && !takeBody(*body, out, why)) return false;
  out->hasBody =
      out->hasBody || out->method == "POST" || out->method == "PUT" || out->method == "PATCH";
  return true;
}

}  // namespace

std::string formEscaped(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const u8 byte = static_cast<u8>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '*' || c == '-' || c == '.' || c == '_';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

bool takeRequest(const Json& params, net::HttpRequest* out, std::string* why) {
  const std::string* url = memberText(params, "url");
  if (url == nullptr) return fail(why, "url is missing or no string");
  out->url = *url;
  out->totalTimeoutMs = kStandardTimeoutMs;
  const Json* options = given(params, "options");
  return options == nullptr || takeOptions(*options, out, why);
}

}  // namespace bls::extensions::rpc
