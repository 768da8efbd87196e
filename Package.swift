// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "segmpi",
  products: [
    .executable(name: "segmpi", targets: ["segmpi"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // C libraries. Debian's libdnnl-dev ships no pkg-config file: its map links by name.
    .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),

    // The rooms, from the leaves up (docs/decisions/0001-rooms.md says who may import whom).
    .target(name: "CounterRandom"),
    .target(name: "Collective", dependencies: ["CMPI"]),
    .target(name: "Compute", dependencies: ["CDNNL", "CounterRandom"]),
    .target(name: "Nets", dependencies: ["Compute", "CounterRandom"]),
    .target(name: "Volumes", dependencies: ["CPNG", "CZlib", "CounterRandom"]),
    .target(name: "Evaluation", dependencies: ["CounterRandom", "Volumes"]),
    .target(
      name: "DistTrainer",
      dependencies: [
        "Collective", "Compute", "CounterRandom", "Evaluation", "Nets", "Volumes",
        .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(
      name: "segmpi",
      dependencies: [
        "Collective", "Compute", "DistTrainer", "Evaluation", "Volumes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests: one target a room; the reference loops and the program the ranks run stand beside them.
    .target(
      name: "ComputeTestSupport", dependencies: ["Compute", "CounterRandom"],
      path: "Tests/ComputeTestSupport"),
    .systemLibrary(name: "CMalloc", path: "Tests/CMalloc"),
    .executableTarget(
      name: "CollectiveProbe", dependencies: ["Collective"], path: "Tests/CollectiveProbe"),
    .testTarget(name: "CounterRandomTests", dependencies: ["CounterRandom"]),
    .target(name: "ProcessTestSupport", path: "Tests/ProcessTestSupport"),
    .testTarget(
      name: "CollectiveTests",
      dependencies: ["Collective", "CollectiveProbe", "CounterRandom", "ProcessTestSupport"]),
    .testTarget(
      name: "ComputeTests",
      dependencies: ["CMalloc", "Compute", "ComputeTestSupport", "CounterRandom"]),
    .testTarget(name: "NetsTests", dependencies: ["Nets", "Compute"]),
    .executableTarget(
      name: "ReaderProbe", dependencies: ["Volumes", "CounterRandom"], path: "Tests/ReaderProbe"),
    .testTarget(
      name: "VolumesTests",
      dependencies: ["Volumes", "CounterRandom", "ProcessTestSupport", "ReaderProbe"]),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "CounterRandom"]),
    .testTarget(
      name: "DistTrainerTests",
      dependencies: [
        "Collective", "Compute", "CounterRandom", "DistTrainer", "Evaluation", "Nets", "Volumes",
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["segmpi", "CounterRandom", "DistTrainer", "ProcessTestSupport", "Volumes"]),
    .testTarget(name: "ProjectTests", dependencies: ["Compute", "DistTrainer", "Nets"]),
  ],
  swiftLanguageModes: [.v6]
)

// One loop, every Swift target, no exceptions.
for target in package.targets where [.regular, .executable, .test].contains(target.type) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .strictMemorySafety(),
    ]
}
