internal import Foundation

/// A stream of lines between two processes over TCP, of which no call waits.
@safe final class LineConnection: @unchecked Sendable {
  // Sendable: handed from the thread that makes it to the one that uses it.
  private let descriptor: Int32
  private var incoming: [UInt8] = []
  private var outgoing: [UInt8] = []
  /// Whether the other end is gone.
  private(set) var isClosed = false

  fileprivate init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// Connects to the first address that answers, each within `patience` seconds.
  static func connect(to addresses: [String], port: UInt16, patience: Double) -> LineConnection? {
    for address in addresses {
      let connection = LineConnection(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = port.bigEndian
      guard unsafe inet_pton(AF_INET, address, &target.sin_addr) == 1 else { continue }
      let result = unsafe withUnsafePointer(to: &target) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.connect(
            connection.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if result == 0 { return connection }
      guard errno == EINPROGRESS, connection.wait(for: POLLOUT, seconds: patience) else { continue }
      var failure: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      unsafe getsockopt(connection.descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
      if failure == 0 { return connection }
    }
    return nil
  }

  /// Sends a line; what does not leave at once leaves with a later call.
  func send(_ line: some Encodable) {
    guard let data = try? JSONEncoder().encode(line) else { return }
    outgoing += Array(data) + [0x0A]
    flush()
  }

  /// Sends on what is left of earlier lines.
  func flush() {
    while !outgoing.isEmpty, !isClosed {
      let sent = unsafe outgoing.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent > 0 {
        outgoing.removeFirst(sent)
      } else if errno != EINTR {
        isClosed = errno != EAGAIN && errno != EWOULDBLOCK
        return
      }
    }
  }

  /// Whole lines that have come since the last call.
  func receive<Line: Decodable>(_ type: Line.Type = Line.self) -> [Line] {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while !isClosed {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count > 0 {
        incoming += chunk[..<count]
      } else if count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        isClosed = true
      } else {
        break
      }
    }
    var lines: [Line] = []
    while let end = incoming.firstIndex(of: 0x0A) {
      if let line = try? JSONDecoder().decode(type, from: Data(incoming[..<end])) {
        lines.append(line)
      }
      incoming.removeFirst(end + 1)
    }
    return lines
  }

  private func wait(for events: Int32, seconds: Double) -> Bool {
    var query = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return unsafe poll(&query, 1, Int32(seconds * 1000)) == 1
  }
}

/// A TCP port of this host, open to connections.
final class LineListener: Sendable {
  private let descriptor: Int32
  /// The port.
  let port: UInt16

  /// A free port on all of the host's IPv4 addresses; `nil` where the system has none to give.
  init?() {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard unsafe bind(descriptor, address, length) == 0, listen(descriptor, 1024) == 0 else {
          return Int32(-1)
        }
        return unsafe getsockname(descriptor, address, &length)
      }
    }
    guard descriptor >= 0, result == 0 else {
      close(descriptor)
      return nil
    }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  /// A connection that waits to be taken, if there is one.
  func accept() -> LineConnection? {
    let accepted = Glibc.accept(descriptor, nil, nil)
    return accepted >= 0 ? LineConnection(accepted) : nil
  }
}

/// What this host is called, and where it can be reached.
enum HostNetwork {
  /// The name of this host.
  static var name: String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let result = unsafe buffer.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return Int32(-1) }
      return unsafe gethostname(start.assumingMemoryBound(to: CChar.self), bytes.count - 1)
    }
    return result == 0 ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
  }

  /// The IPv4 addresses of the interfaces that are up, the loopback's last.
  static var addresses: [String] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var found: [(isLoopback: Bool, text: String)] = []
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      let flags = unsafe entry.pointee.ifa_flags
      guard flags & UInt32(IFF_UP) != 0, let address = unsafe entry.pointee.ifa_addr,
        unsafe address.pointee.sa_family == sa_family_t(AF_INET)
      else { continue }
      var text = [UInt8](repeating: 0, count: Int(INET_ADDRSTRLEN))
      unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
        unsafe text.withUnsafeMutableBytes { bytes in
          _ = unsafe inet_ntop(
            AF_INET, &address.pointee.sin_addr,
            bytes.baseAddress?.assumingMemoryBound(to: CChar.self), socklen_t(bytes.count))
        }
      }
      found.append(
        (
          flags & UInt32(IFF_LOOPBACK) != 0,
          String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        ))
    }
    return found.filter { !$0.isLoopback }.map(\.text) + found.filter(\.isLoopback).map(\.text)
  }
}
