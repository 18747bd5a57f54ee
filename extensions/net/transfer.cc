// Setting up a handle, driving it, taking what it gives.
#include "extensions/net/transfer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "engine/base/platform.h"

namespace bls::net {
namespace {

// Held of a body before the connection is left alone; libcurl adds a piece of at most 16 KiB.
constexpr size_t kWindow = 128 << 10;
constexpr size_t kMaxDropped = 64 << 10;
constexpr u64 kDropNs = 300'000'000;

bool equalNames(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return low(x) == low(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Digits, no overflow.
bool parseLength(std::string_view text, u64* out) {
  u64 value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    const u64 digit = static_cast<u64>(c - '0');
    if (value > (~u64{0} / 2 - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *out = value;
  return !text.empty();
}

}  // namespace

// --- Lines ---

std::unique_ptr<Line> Line::make(const CurlLibrary& curl, const std::string& certificates) {
  std::unique_ptr<Line> line(new Line(curl, certificates));
  line->multi = curl.curl_multi_init();
  line->easy = curl.curl_easy_init();
  if (line->multi == nullptr || line->easy == nullptr) return nullptr;
  curl.curl_multi_setopt(line->multi, CURLMOPT_SOCKETFUNCTION, &Line::onSocket);
  curl.curl_multi_setopt(line->multi, CURLMOPT_SOCKETDATA, line.get());
  curl.curl_multi_setopt(line->multi, CURLMOPT_TIMERFUNCTION, &Line::onTimer);
  curl.curl_multi_setopt(line->multi, CURLMOPT_TIMERDATA, line.get());
  curl.curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, 4L);
  line->reset();
  return line;
}

void Line::reset() {
  const auto set = curl.curl_easy_setopt;
  curl.curl_easy_reset(easy);
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_BUFFERSIZE, 65536L);
  set(easy, CURLOPT_ERRORBUFFER, errorText);
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!certificates_.empty()) {
    set(easy, CURLOPT_CAINFO, certificates_.c_str());
    set(easy, CURLOPT_CAPATH, nullptr);
  }
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_NOPROXY, "");
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &Transfer::onBody);
  set(easy, CURLOPT_WRITEDATA, this);
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::onOpen);
  set(easy, CURLOPT_OPENSOCKETDATA, this);
  connectMs_ = 0;
  proxy_.clear();
  opened = 0;
}

void Line::prefer(u64 connectMs, const std::string& proxy) {
  connectMs = std::min<u64>(std::max<u64>(connectMs, 1), 1u << 30);
  if (connectMs != connectMs_)
    curl.curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connectMs));
  if (proxy != proxy_) curl.curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  connectMs_ = connectMs;
  proxy_ = proxy;
}

Line::~Line() {
  if (easy != nullptr) curl.curl_easy_cleanup(easy);
  if (multi != nullptr) curl.curl_multi_cleanup(multi);
}

int Line::onSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  std::vector<Watch>& watches = static_cast<Line*>(self)->watches_;
  std::erase_if(watches, [socket](const Watch& watch) { return watch.socket == socket; });
  if (what != CURL_POLL_REMOVE) watches.push_back({socket, what});
  return 0;
}

int Line::onTimer(CURLM*, long ms, void* self) {
  static_cast<Line*>(self)->timerNs_ =
      ms < 0 ? kNever : platform::monotonicNs() + static_cast<u64>(ms) * 1'000'000;
  return 0;
}

Line::Step Line::step(ExecCtx* cx, u64 untilNs) {
  waits_.clear();
  for (const Watch& watch : watches_) {
    host::WaitFd wait;
    wait.fd = watch.socket;
    wait.wantRead = (watch.what & CURL_POLL_IN) != 0;
    wait.wantWrite = (watch.what & CURL_POLL_OUT) != 0;
    waits_.push_back(wait);
  }
  const u64 until = std::min(untilNs, timerNs_);
  u64 timeout = host::kWaitForever;
  if (until != kNever) {
    const u64 now = platform::monotonicNs();
    timeout = until > now ? until - now : 0;
  }
  // The first step of a request has nothing to wait for.
  const bool waits = timeout != 0 || !waits_.empty();
  if (!waits && host::interruptTrap(cx) != Trap::None) return Step::Interrupted;
  switch (waits ? host::blockingWait(cx, waits_, timeout) : host::WaitEnd::TimedOut) {
    case host::WaitEnd::Interrupted: return Step::Interrupted;
    case host::WaitEnd::Failed: return Step::Failed;
    case host::WaitEnd::Ready:
    case host::WaitEnd::TimedOut: break;
  }
  int running = 0;
  bool any = false;
  for (const host::WaitFd& wait : waits_) {
    if (!wait.ready()) continue;
    any = moved = true;
    const int bits = (wait.readable || wait.hangup ? CURL_CSELECT_IN : 0) |
                     (wait.writable ? CURL_CSELECT_OUT : 0) | (wait.error ? CURL_CSELECT_ERR : 0);
    if (curl.curl_multi_socket_action(multi, wait.fd, bits, &running) != CURLM_OK)
      return Step::Failed;
  }
  const u64 now = platform::monotonicNs();
  if (timerNs_ <= now) {
    timerNs_ = kNever;
    if (curl.curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running) != CURLM_OK)
      return Step::Failed;
    return Step::Went;
  }
  return any || now < untilNs ? Step::Went : Step::TimedOut;
}

std::unique_ptr<Line> Lines::take(const std::string& origin) {
  {
    SpinGuard guard(&lock_);
    for (size_t i = idle_.size(); i-- > 0;) {
      if (idle_[i]->origin != origin && i != 0) continue;
      std::unique_ptr<Line> line = std::move(idle_[i]);
      idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
      return line;
    }
  }
  return Line::make(curl_, certificates_);
}

void Lines::give(std::unique_ptr<Line> line) {
  std::unique_ptr<Line> oldest;
  SpinGuard guard(&lock_);
  if (idle_.size() >= kMaxIdle) {
    oldest = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
  idle_.push_back(std::move(line));
}

// --- Setting up ---

Transfer::Transfer(std::shared_ptr<Lines> lines, Hop hop)
    : lines_(std::move(lines)), hop_(std::move(hop)) {}

Transfer::~Transfer() { release(); }

HttpError Transfer::fail(HttpError error, const char* text) {
  if (error_ == HttpError::None) {
    error_ = error;
    why = text;
  }
  return error_;
}

void Transfer::failTooLarge() {
  if (hop_.limited)
    fail(HttpError::OverLimit, "the body of the response is over --http-limits");
  else
    fail(HttpError::TooLarge, "the response is too large");
}

void Transfer::addHeader(const std::string& line) {
  curl_slist* longer = line_->curl.curl_slist_append(headerList_, line.c_str());
  if (longer != nullptr) headerList_ = longer;
}

void Transfer::setRequest() {
  const auto set = line_->curl.curl_easy_setopt;
  CURL* easy = line_->easy;
  const bool hasBody = hop_.body != nullptr;
  if (hop_.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (hasBody) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(hop_.body->size()));
    set(easy, CURLOPT_POSTFIELDS, hop_.body->data());
  }
  // Without one the handle sends GET.
  if (hasBody || hop_.method != "GET") {
    set(easy, CURLOPT_CUSTOMREQUEST, hop_.method.c_str());
    special_ = true;
  }
  bool hasType = false;
  for (const Header& header : hop_.headers) {
    hasType = hasType || equalNames(header.name, "content-type");
    addHeader(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  if (hasBody) {  // what libcurl would add by itself
    if (!hasType) addHeader("Content-Type:");
    addHeader("Expect:");
  }
  if (headerList_ != nullptr) set(easy, CURLOPT_HTTPHEADER, headerList_);
  if (!hop_.url.user.empty() || !hop_.url.password.empty()) {
    set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(easy, CURLOPT_USERNAME, hop_.url.user.c_str());
    set(easy, CURLOPT_PASSWORD, hop_.url.password.c_str());
    special_ = true;
  }
}

// The library must never look a name up itself.
void Transfer::pin() {
  if (hop_.url.literal && hop_.proxy == nullptr) return;
  std::string pinned = (hop_.proxy != nullptr ? hop_.proxy->host : hop_.url.host) + ":" +
                       std::to_string(hop_.proxy != nullptr ? hop_.proxy->port : hop_.url.port);
  char mark = ':';
  for (const Address& address : hop_.addresses) {
    pinned += mark + addressText(address);
    mark = ',';
  }
  resolveList_ = line_->curl.curl_slist_append(nullptr, pinned.c_str());
  line_->curl.curl_easy_setopt(line_->easy, CURLOPT_RESOLVE, resolveList_);
}

bool Transfer::setUp() {
  static const std::string kNoProxy;
  std::string origin = hop_.url.origin();
  line_ = lines_->take(origin);
  if (line_ == nullptr) return false;
  line_->origin = std::move(origin);
  line_->moved = false;
  line_->transfer = this;
  line_->errorText[0] = 0;
  const auto set = line_->curl.curl_easy_setopt;
  CURL* easy = line_->easy;
  set(easy, CURLOPT_URL, hop_.url.text().c_str());
  line_->prefer(hop_.connectMs, hop_.proxy != nullptr ? hop_.proxy->url : kNoProxy);
  if (hop_.connection >= 0) {
    set(easy, CURLOPT_FRESH_CONNECT, 1L);
    set(easy, CURLOPT_SOCKOPTFUNCTION, &Transfer::onOpened);
    special_ = true;
  }
  pin();
  setRequest();
  added_ = line_->curl.curl_multi_add_handle(line_->multi, easy) == CURLM_OK;
  return added_;
}

// Exactly the addresses that were checked.
curl_socket_t Transfer::onOpen(void* line, curlsocktype, curl_sockaddr* to) {
  if (static_cast<Line*>(line)->transfer == nullptr) return CURL_SOCKET_BAD;
  Transfer& transfer = *static_cast<Line*>(line)->transfer;
  const Hop& hop = transfer.hop_;
  Address address;
  u16 port = 0;
  if (to->family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &to->addr, sizeof v4);
    address = addressFromV4(reinterpret_cast<const u8*>(&v4.sin_addr));
    port = ntohs(v4.sin_port);
  } else if (to->family == AF_INET6 && to->addrlen >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &to->addr, sizeof v6);
    address = addressFromV6(v6.sin6_addr.s6_addr);
    port = ntohs(v6.sin6_port);
  }
  const bool listed =
      std::find(hop.addresses.begin(), hop.addresses.end(), address) != hop.addresses.end();
  if (!listed || port != (hop.proxy != nullptr ? hop.proxy->port : hop.url.port))
    return CURL_SOCKET_BAD;
  ++transfer.line_->opened;
  if (hop.connection >= 0) {
    if (transfer.connectionGiven_) return CURL_SOCKET_BAD;
    transfer.connectionGiven_ = true;
    return fcntl(hop.connection, F_DUPFD_CLOEXEC, 0);
  }
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

int Transfer::onOpened(void*, curl_socket_t, curlsocktype) {
  return CURL_SOCKOPT_ALREADY_CONNECTED;
}

// --- Driving ---

HttpError Transfer::run(ExecCtx* cx, Until until) {
  line_->moved = false;
  u64 idleNs = platform::monotonicNs() + hop_.idleNs;
  while (!done_ && error_ == HttpError::None) {
    if (until == Until::Head && headDone_) break;
    if (until == Until::Body && taken_ < buffer_.size()) break;
    switch (line_->step(cx, std::min(hop_.deadlineNs, idleNs))) {
      case Line::Step::Went: break;
      case Line::Step::Interrupted: return fail(HttpError::Interrupted, "interrupted");
      case Line::Step::Failed: return fail(HttpError::Protocol, "waiting for the network failed");
      case Line::Step::TimedOut: return fail(HttpError::Timeout, "timed out");
    }
    int left = 0;
    while (const CURLMsg* message = line_->curl.curl_multi_info_read(line_->multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      done_ = true;
      result_ = message->data.result;
    }
    const u64 now = platform::monotonicNs();
    if (line_->moved) idleNs = now + hop_.idleNs;
    line_->moved = false;
    // A peer that always sends a little never lets the wait time out.
    if (!done_ && now >= hop_.deadlineNs) return fail(HttpError::Timeout, "timed out");
  }
  if (done_ && result_ != CURLE_OK) return failure();
  return error_;
}

HttpError Transfer::failure() {
  const char* text =
      line_->errorText[0] != 0 ? line_->errorText : line_->curl.curl_easy_strerror(result_);
  switch (result_) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return fail(HttpError::Resolve, text);
    case CURLE_COULDNT_CONNECT: return fail(HttpError::Connect, text);
    case CURLE_OPERATION_TIMEDOUT: return fail(HttpError::Timeout, text);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return fail(HttpError::Tls, text);
    case CURLE_OUT_OF_MEMORY:  // what it says of a header over 100 KiB
      return fail(HttpError::TooLarge, "a header of the response is too long");
    default: return fail(HttpError::Protocol, text);
  }
}

// Gives the line back as soon as it has nothing more to do.
void Transfer::release() {
  if (line_ != nullptr) {
    const auto set = line_->curl.curl_easy_setopt;
    if (added_) line_->curl.curl_multi_remove_handle(line_->multi, line_->easy);
    // Nothing of this object may be found by the next transfer.
    line_->transfer = nullptr;
    // libcurl makes a request again whose kept connection turns out dead, or whose stream an HTTP/2
    // server refuses, but counts that up to five from one reset to the next.
    if (special_ || !done_ || result_ != CURLE_OK || hop_.url.tls || line_->opened >= 3) {
      line_->reset();
    } else {
      if (headerList_ != nullptr) set(line_->easy, CURLOPT_HTTPHEADER, nullptr);
      if (resolveList_ != nullptr) set(line_->easy, CURLOPT_RESOLVE, nullptr);
    }
    line_->curl.curl_slist_free_all(headerList_);
    line_->curl.curl_slist_free_all(resolveList_);
    lines_->give(std::move(line_));
  }
  headerList_ = resolveList_ = nullptr;
  added_ = false;
}

HttpError Transfer::begin(ExecCtx* cx) {
  if (!setUp()) return fail(HttpError::Protocol, "libcurl refuses the request");
  (void)run(cx, Until::Head);
  if (error_ == HttpError::None && !headDone_) fail(HttpError::Protocol, "no response");
  if (done_ || error_ != HttpError::None) release();
  // An error in the body behind a whole head is met when the body is read.
  return headDone_ && headGood_ ? HttpError::None : error_;
}

HttpError Transfer::read(ExecCtx* cx, u8* data, size_t size, size_t* done) {
  *done = 0;
  if (taken_ == buffer_.size() && line_ != nullptr && error_ == HttpError::None) {
    buffer_.clear();
    taken_ = 0;
    resume();
    (void)run(cx, Until::Body);
    if (done_ || error_ != HttpError::None) release();
  }
  const size_t count = std::min(size, buffer_.size() - taken_);
  if (count == 0) return error_;
  std::memcpy(data, buffer_.data() + taken_, count);
  taken_ += count;
  *done = count;
  return HttpError::None;
}

void Transfer::resume() {
  if (!paused_) return;
  paused_ = false;
  line_->curl.curl_easy_pause(line_->easy, CURLPAUSE_CONT);
}

HttpError Transfer::drop(ExecCtx* cx) {
  if (line_ == nullptr) return HttpError::None;
  dropping_ = true;
  // A new connection costs less than a slow rest.
  hop_.deadlineNs = std::min(hop_.deadlineNs, platform::monotonicNs() + kDropNs);
  resume();
  const HttpError end = run(cx, Until::End);
  release();
  return end == HttpError::Interrupted ? end : HttpError::None;
}

// --- What comes in ---

size_t Transfer::onHeader(char* data, size_t size, size_t count, void* line) {
  if (static_cast<Line*>(line)->transfer == nullptr) return 0;
  Transfer& transfer = *static_cast<Line*>(line)->transfer;
  const size_t bytes = size * count;
  transfer.headBytes_ += bytes;
  if (transfer.headBytes_ > kMaxHeadBytes) {
    transfer.fail(HttpError::TooLarge, "the response's headers are over 64 KiB");
    return 0;
  }
  std::string_view text(data, bytes);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return transfer.takeHeader(text) ? bytes : 0;
}

bool Transfer::takeHeader(std::string_view line) {
  if (!headDone_ && expectStatus_) return takeStatus(line);
  if (line.empty()) {
    if (headDone_) return true;  // behind trailers
    if (status >= 100 && status < 200) {
      expectStatus_ = true;
      return true;
    }
    dropping_ = location() != nullptr;
    headDone_ = headGood_ = checkHead();
    return headDone_;
  }
  if (++headerCount_ > kMaxHeaders) {
    fail(HttpError::TooLarge, "the response has more than 256 headers");
    return false;
  }
  const size_t colon = line.find(':');
  Header header;
  if (colon != std::string_view::npos) {
    header.name = line.substr(0, colon);
    header.value = trimmed(line.substr(colon + 1));
  }
  if (colon == std::string_view::npos || headerProblem(header) != nullptr) {
    fail(HttpError::Protocol, "the response has a line that is no header");
    return false;
  }
  if (!headDone_) headers.push_back(std::move(header));  // trailers are not kept
  return true;
}

bool Transfer::takeStatus(std::string_view line) {
  const size_t blank = line.find(' ');
  status = 0;
  if (line.starts_with("HTTP/") && blank != std::string_view::npos) {
    const std::string_view digits = line.substr(blank + 1, 3);
    for (char c : digits) status = c >= '0' && c <= '9' ? status * 10 + (c - '0') : 1000;
    if (digits.size() != 3 || (line.size() > blank + 4 && line[blank + 4] != ' ')) status = 0;
  }
  if (status < 100 || status > 999 || status == 101) {
    fail(HttpError::Protocol, "the response does not begin like HTTP");
    return false;
  }
  headers.clear();
  headers.reserve(16);
  expectStatus_ = false;
  return true;
}

const std::string* Transfer::location() const {
  const bool redirect =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  if (!redirect || !hop_.follows) return nullptr;
  for (const Header& header : headers) {
    if (equalNames(header.name, "location")) return &header.value;
  }
  return nullptr;
}

// Where a body ends must be clear.
bool Transfer::checkHead() {
  bool hasLength = false;
  bool chunked = false;
  u64 length = 0;
  for (const Header& header : headers) {
    if (equalNames(header.name, "content-length")) {
      u64 again = 0;
      const bool good = parseLength(header.value, &again);
      if (!good || (hasLength && again != length)) {
        fail(HttpError::Protocol, good ? "the response has lengths that contradict each other"
                                       : "the response's length is no number");
        return false;
      }
      hasLength = true;
      length = again;
    } else if (equalNames(header.name, "transfer-encoding")) {
      if (chunked || !equalNames(header.value, "chunked")) {
        fail(HttpError::Protocol, "the response has an unknown transfer encoding");
        return false;
      }
      chunked = true;
    }
  }
  if (hasLength && chunked) {
    fail(HttpError::Protocol, "the response has a length and is in chunks");
    return false;
  }
  if (hasLength && length > hop_.maxBodyBytes && hop_.method != "HEAD" && !dropping_) {
    failTooLarge();
    return false;
  }
  return true;
}

size_t Transfer::onBody(char* data, size_t size, size_t count, void* line) {
  if (static_cast<Line*>(line)->transfer == nullptr) return 0;
  Transfer& transfer = *static_cast<Line*>(line)->transfer;
  const size_t bytes = size * count;
  if (transfer.dropping_) {
    transfer.bodyBytes_ += bytes;
    return transfer.bodyBytes_ > kMaxDropped ? 0 : bytes;
  }
  if (transfer.buffer_.size() - transfer.taken_ >= kWindow) {
    transfer.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  transfer.bodyBytes_ += bytes;
  if (transfer.bodyBytes_ > transfer.hop_.maxBodyBytes) {
    transfer.failTooLarge();
    return 0;
  }
  transfer.buffer_.append(data, bytes);
  return bytes;
}

}  // namespace bls::net
