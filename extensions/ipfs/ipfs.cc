// blockless_ipfs: files of the operator's IPFS node, by the RPC interface of Kubo. Reference:
// hostcalls, section 6; permissions, section 4, rule 6.
#include <unistd.h>

#include <atomic>

#include "engine/base/status.h"
#include "extensions/base/extension.h"
#include "extensions/base/handles.h"
#include "extensions/ipfs/command.h"
#include "extensions/net/curl_library.h"
#include "extensions/net/http_client.h"
#include "extensions/net/url.h"
#include "extensions/socket/tcp.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;
using net::HttpError;

enum class Code : u32 {
  Success = 0,
  InvalidHandle = 1,
  Utf8 = 2,
  InvalidMethod = 3,
  InvalidParameter = 4,
  Request = 6,
  Runtime = 7,
  TooManySessions = 8,
  InvalidDriver = 9,
  PermissionDenied = 10,
};

constexpr const char* kOperation = "ipfs_command";
constexpr const char* kStandardApi = "127.0.0.1:5001";
// What does not fit into a URL is refused anyway; escapes make a JSON text longer than its URL.
constexpr u32 kMaxCommandBytes = 1 << 20;
// A body to write is held twice until it is sent.
constexpr u32 kMaxWriteBytes = 64 << 20;
constexpr size_t kMaxHandles = 64;

// A command and what the node answers: at once, or to files/write after its one ipfs_write.
struct Session {
  ~Session() { disconnect(); }
  void disconnect() {
    if (connection >= 0) close(connection);
    connection = -1;
  }

  std::atomic<bool> busy{false};  // one thread at a time
  std::unique_ptr<net::HttpExchange> exchange;
  bool writes = false;
  // Of files/write:
  net::Url url;
  int connection = -1;  // until the request is sent
  bool sent = false;
  Code outcome = Code::Request;  // of what was sent
};

struct Ipfs final : Extension {
  Ipfs(const Services& given, net::Endpoint place)
      : services(given), client(net::HttpClient::make(given)), api(std::move(place)) {}
  const Services services;
  const std::unique_ptr<net::HttpClient> client;
  const net::Endpoint api;
  HandleTable<Session> sessions;
};
using IpfsCall = Call<Ipfs>;

Code fail(IpfsCall& call, Code code, const char* what, const std::string& why) {
  if (!call.interrupted())
    call.state().services.log(LogLevel::Error, std::string(what) + " failed: " + why);
  return code;
}

// The one request of a session; redirects are answers like any other.
HttpError start(IpfsCall& call, Session& session, net::HttpRequest* request, std::string* why) {
  request->method = "POST";
  request->permitted = &session.url;
  request->hasBody = true;
  request->direct = true;
  request->maxRedirects = 0;
  request->operation = kOperation;
  return call.state().client->start(call.cx(), *request, &session.exchange, why);
}

// files/write: the node is there, and hears more with ipfs_write.
Code connect(IpfsCall& call, Session& session, const std::string& asked) {
  const Ipfs& state = call.state();
  std::string why;
  switch (net::connectTcpAs(call.cx(), state.services, state.api, asked, kOperation,
                            &session.connection, &why)) {
    case net::TcpEnd::Done: return Code::Success;
    case net::TcpEnd::Denied: return fail(call, Code::PermissionDenied, kOperation, why);
    default: return fail(call, Code::Request, kOperation, why);
  }
}

Code ipfsCommand(IpfsCall& call, GuestAddress at, u32 size, GuestPtr<u32> handle,
                 GuestPtr<u32> status) {
  Ipfs& state = call.state();
  std::string text;
  if (size > kMaxCommandBytes && call.memory().contains(at.value, size))
    return fail(call, Code::InvalidParameter, kOperation, "the command is too long");
  if (size > kMaxCommandBytes || !call.text(at, size, &text)) return Code::Utf8;
  ipfs::Command command;
  std::string why;
  switch (ipfs::takeCommand(text, &command, &why)) {
    case ipfs::CommandEnd::Good: break;
    case ipfs::CommandEnd::NoSuchApi: return fail(call, Code::InvalidMethod, kOperation, why);
    case ipfs::CommandEnd::Malformed: return fail(call, Code::InvalidParameter, kOperation, why);
  }
  if (net::curlLibrary() == nullptr)
    return fail(call, Code::InvalidDriver, kOperation, "libcurl is not there");
  auto session = std::make_shared<Session>();
  session->writes = command.writes;
  if (!net::parseUrl("http://" + state.api.text() + command.target, false, &session->url, &why))
    return fail(call, Code::InvalidParameter, kOperation, why);
  // One question for the node, whatever is asked of it.
  const std::string asked = session->url.origin() + "/";
  if (!state.services.permitNet(call.cx(), {asked, session->url.host, session->url.port},
                                kOperation))
    return fail(call, Code::PermissionDenied, kOperation, "no permission for " + asked);
  if (state.sessions.size() >= kMaxHandles)
    return fail(call, Code::TooManySessions, kOperation, "too many open commands");
  if (session->writes) {
    if (const Code code = connect(call, *session, asked); code != Code::Success) return code;
    status.store(0);
  } else {
    net::HttpRequest request;
    switch (start(call, *session, &request, &why)) {
      case HttpError::None: break;
      case HttpError::Denied: return fail(call, Code::PermissionDenied, kOperation, why);
      default: return fail(call, Code::Request, kOperation, why);
    }
    status.store(static_cast<u32>(session->exchange->status));
  }
  handle.store(state.sessions.add(std::move(session)));
  return Code::Success;
}

// Until the buffer is full or the body ends.
Code readBody(IpfsCall& call, Session& session, u8* data, u32 size, u32* total) {
  while (*total < size) {
    size_t done = 0;
    const HttpError error = session.exchange->read(call.cx(), data + *total, size - *total, &done);
    *total += static_cast<u32>(done);
    if (error == HttpError::None && done != 0) continue;
    if (error == HttpError::Interrupted) {
      call.interrupted();
      return Code::Runtime;
    }
    // The next read says it again.
    if (error != HttpError::None && *total == 0)
      return fail(call, Code::Request, "ipfs_read", "the body ended early");
    break;
  }
  return Code::Success;
}

Code ipfsRead(IpfsCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u32> written) {
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr) return Code::InvalidHandle;
  const Using use(*session);
  if (!use.mine()) return Code::Runtime;
  const host::GuestMemory guest = call.memory();
  if (size == 0 || !guest.contains(buffer.value, size)) return Code::InvalidParameter;
  u32 total = 0;
  Code code = session->outcome;
  if (!session->writes) {
    code = readBody(call, *session, guest.base + buffer.value, size, &total);
  } else if (!session->sent) {
    return fail(call, Code::Runtime, "ipfs_read", "nothing was written");
  }
  if (code == Code::Success) written.store(total);
  return code;
}

Code ipfsWrite(IpfsCall& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u32> written) {
  const std::shared_ptr<Session> session = call.state().sessions.get(handle);
  if (session == nullptr || !session->writes) return Code::InvalidHandle;
  const Using use(*session);
  if (!use.mine()) return Code::Runtime;
  const host::GuestMemory guest = call.memory();
  if (size == 0 || !guest.contains(buffer.value, size)) return Code::InvalidParameter;
  if (size > kMaxWriteBytes)
    return fail(call, Code::InvalidParameter, "ipfs_write", "more than 64 MiB");
  if (session->sent) return fail(call, Code::Runtime, "ipfs_write", "the file is written already");
  session->sent = true;
  net::HttpRequest request;
  const ipfs::Envelope envelope = ipfs::makeEnvelope();
  request.headers.push_back({"Content-Type", "multipart/form-data; boundary=" + envelope.boundary});
  request.body.reserve(envelope.head.size() + size + envelope.tail.size());
  request.body = envelope.head;
  request.body.append(reinterpret_cast<const char*>(guest.base) + buffer.value, size);
  request.body += envelope.tail;
  request.connection = session->connection;
  std::string why;
  const HttpError error = start(call, *session, &request, &why);
  session->disconnect();
  if (error == HttpError::None) {
    const i32 status = session->exchange->status;
    session->outcome = status == 200 ? Code::Success : Code::Request;
    session->exchange.reset();
    if (status != 200) fail(call, Code::Request, "files/write", "status " + std::to_string(status));
  } else {
    return fail(call, Code::Request, "ipfs_write", why);
  }
  written.store(size);
  return Code::Success;
}

Code ipfsClose(IpfsCall& call, u32 handle) {
  (void)call.state().sessions.take(handle);
  return Code::Success;
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<ipfsCommand>("ipfs_command", Capability::Network, "hostcalls, section 6"),
    host::bind<ipfsRead>("ipfs_read", Capability::Descriptor, "hostcalls, section 6"),
    host::bind<ipfsWrite>("ipfs_write", Capability::Descriptor, "hostcalls, section 6"),
    host::bind<ipfsClose>("ipfs_close", Capability::Descriptor, "hostcalls, section 6"),
};

std::unique_ptr<Extension> makeIpfs(const Services& services) {
  std::string place = services.settings != nullptr ? services.settings->ipfsApi : std::string();
  if (place.empty()) place = kStandardApi;
  net::Endpoint api;
  if (!net::parseEndpoint(place, &api) || api.port == 0) {
    if (services.problem != nullptr)
      *services.problem = "--ipfs-api " + escapeForMessage(place, 100) +
                          " must be of the form HOST:PORT; example: --ipfs-api 127.0.0.1:5001";
    return nullptr;
  }
  return std::make_unique<Ipfs>(services, std::move(api));
}

}  // namespace

const ExtensionInfo& ipfsExtension() {
  static constexpr ExtensionInfo kInfo = {"blockless_ipfs",
                                          "files of the operator's IPFS node",
                                          {.library = true, .network = true, .helper = true},
                                          kFunctions,
                                          makeIpfs};
  return kInfo;
}

}  // namespace bls::extensions
