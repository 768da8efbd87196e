public import Nets
public import Volumes

extension Choice: Placeholder {
  /// The first of the catalogue: stands in where a choice is faulty, so that the rest is read.
  static var placeholder: Choice<C> {
    let kind = C.catalogue.first?.kind ?? ""
    let node = ConfigurationNode(
      .mapping([.init(key: "kind", value: ConfigurationNode(.scalar(kind, isQuoted: false)))]))
    do {
      return try node.decode(Choice<C>.self)
    } catch {
      preconditionFailure("the \(C.subject) \(kind) has no defaults: \(error)")
    }
  }
}

extension AnyAugmentation: Placeholder {
  /// The first of the catalogue, for the same reason.
  static var placeholder: AnyAugmentation { AnyAugmentation(Flip()) }
}
