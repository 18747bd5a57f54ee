// Transfer: one request and response over libcurl's multi interface, driven by blockingWait so that
// it ends when the execution does. Lines: handles with their open connections, kept for the next
// request. Entry points: Lines, Transfer. What it sends has been checked (http_client.cc). Thread
// rule: Lines on any thread; a Transfer by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/spin_lock.h"
#include "extensions/net/curl_library.h"
#include "extensions/net/http_client.h"
#include "extensions/net/proxy.h"

namespace bls::net {

/// Limits of threat model NET-5.
constexpr size_t kMaxHeadBytes = 64 << 10;
constexpr size_t kMaxHeaders = 256;
constexpr u64 kConnectMs = 10'000;
constexpr u64 kIdleNs = 30'000'000'000;
constexpr u64 kNever = ~u64{0};

class Transfer;

/// One libcurl handle with the connections it has made. What all requests have in common is set
/// once: `perTransfer` options are to be put back, or `reset` called, before the next request.
class Line {
 public:
  static std::unique_ptr<Line> make(const CurlLibrary& curl, const std::string& certificates);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  enum class Step : u8 { Went, TimedOut, Interrupted, Failed };
  /// Waits for one of its sockets or timers, at most until `untilNs`, and lets libcurl act.
  Step step(ExecCtx* cx, u64 untilNs);
  /// Sets what most requests share, where it differs from the last request's.
  void prefer(u64 connectMs, const std::string& proxy);
  /// Every option back to what it was when the line was made.
  void reset();

  const CurlLibrary& curl;
  CURLM* multi = nullptr;
  CURL* easy = nullptr;
  std::string origin;            // of its last request
  bool moved = false;            // a socket was ready since this was last cleared
  u32 opened = 0;                // sockets since the last reset
  Transfer* transfer = nullptr;  // whom libcurl's calls are about; null: nobody
  char errorText[CURL_ERROR_SIZE] = {};

 private:
  Line(const CurlLibrary& given, const std::string& certificates)
      : curl(given), certificates_(certificates) {}
  static int onSocket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int onTimer(CURLM*, long ms, void* self);

  struct Watch {
    curl_socket_t socket;
    int what;
  };
  std::vector<Watch> watches_;
  std::vector<host::WaitFd> waits_;
  u64 timerNs_ = kNever;
  const std::string& certificates_;  // of the Lines
  u64 connectMs_ = 0;                // as set; 0: not
  std::string proxy_;
};

class Lines {
 public:
  /// `certificates`: the file of those to trust; empty: libcurl's own choice.
  Lines(const CurlLibrary& curl, std::string certificates)
      : curl_(curl), certificates_(std::move(certificates)) {}
  /// The one last used for that origin, or another, or a new one; null without memory.
  std::unique_ptr<Line> take(const std::string& origin);
  void give(std::unique_ptr<Line> line);

 private:
  static constexpr size_t kMaxIdle = 8;
  const CurlLibrary& curl_;
  const std::string certificates_;
  SpinLock lock_;
  std::vector<std::unique_ptr<Line>> idle_;
};

/// One hop, checked.
struct Hop {
  Url url;
  const Proxy* proxy = nullptr;
  std::vector<Address> addresses;  // where the connection may go: of the host, or of the proxy
  std::string method;
  std::vector<Header> headers;
  const std::string* body = nullptr;  // null: none; outlives the transfer
  u64 connectMs = kConnectMs;
  u64 deadlineNs = kNever;  // of the whole transfer
  u64 idleNs = kIdleNs;     // how long the other side may be silent
  u64 maxBodyBytes = ~u64{0};
  bool limited = false;  // that is the operator's limit
  bool follows = false;  // a redirect's body is for nobody
  int connection = -1;   // HttpRequest::connection
};

class Transfer {
 public:
  Transfer(std::shared_ptr<Lines> lines, Hop hop);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Until the response's head is in.
  HttpError begin(ExecCtx* cx);
  /// See HttpExchange::read.
  HttpError read(ExecCtx* cx, u8* data, size_t size, size_t* done);
  /// Takes what is left of a short body, so that the connection can be used again.
  HttpError drop(ExecCtx* cx);
  const Hop& hop() const { return hop_; }
  /// Where the response leads, when it is a redirect that is followed; else null.
  const std::string* location() const;
  /// After `drop`: what the next hop is made of.
  Hop takeHop() { return std::move(hop_); }

  i32 status = 0;
  std::vector<Header> headers;
  std::string why;

 private:
  friend class Line;
  bool setUp();
  void setRequest();
  void pin();
  enum class Until : u8 { Head, Body, End };
  HttpError run(ExecCtx* cx, Until until);
  void release();
  void resume();
  HttpError failure();
  HttpError fail(HttpError error, const char* text);
  bool takeHeader(std::string_view line);
  bool takeStatus(std::string_view line);
  bool checkHead();
  void addHeader(const std::string& line);
  void failTooLarge();

  // `line` is the Line.
  static size_t onHeader(char* data, size_t size, size_t count, void* line);
  static size_t onBody(char* data, size_t size, size_t count, void* line);
  static curl_socket_t onOpen(void* line, curlsocktype, curl_sockaddr* address);
  static int onOpened(void* line, curl_socket_t, curlsocktype);

  std::shared_ptr<Lines> lines_;
  std::unique_ptr<Line> line_;
  Hop hop_;
  curl_slist* headerList_ = nullptr;
  curl_slist* resolveList_ = nullptr;
  bool added_ = false;
  bool special_ = false;  // options were set that only Line::reset puts back
  bool expectStatus_ = true;
  bool headDone_ = false;
  bool headGood_ = false;
  bool done_ = false;
  bool paused_ = false;
  bool dropping_ = false;
  bool connectionGiven_ = false;
  CURLcode result_ = CURLE_OK;
  HttpError error_ = HttpError::None;
  size_t headBytes_ = 0;
  size_t headerCount_ = 0;
  u64 bodyBytes_ = 0;
  std::string buffer_;
  size_t taken_ = 0;  // of the buffer
};

}  // namespace bls::net
