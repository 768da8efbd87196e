import DistTrainer
import Foundation
import ProcessTestSupport
import Testing

extension EndToEnd {
  /// Every file of a run is the same bytes however many ranks made it.
  @Suite("One result, anywhere", .serialized, .timeLimit(.minutes(4)))
  struct OneResultTests {
    @Test("any number of ranks, folds side by side or one by one, leaves the same bytes")
    func ranks() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let alone = try RunResults(of: workshop.train(configuration, into: "alone"))
      #expect(alone.files.count == 2 + 4 * (4 + 4 + 2 + 1))
      for ranks in [1, 2, 3, 4, 7] {
        let run = try workshop.train(configuration, into: "ranks\(ranks)", ranks: ranks)
        #expect(try RunResults(of: run).differences(from: alone) == [], "\(ranks) ranks")
      }
      // One by one into one folder, each fold on another number of ranks.
      for (fold, ranks) in [(0, 3), (1, nil), (2, 7), (3, 2)] {
        let more = ["--fold", "\(fold)"] + (fold == 0 ? [] : ["--continue"])
        let run = try Binary.run(
          ["train", configuration, "--output", "\(workshop.path)/onebyone"] + more, ranks: ranks)
        try #require(run.status == 0, "fold \(fold): \(run.errors)")
      }
      let oneByOne = try RunResults(of: workshop.folder("onebyone"))
      #expect(oneByOne.differences(from: alone) == [])
      // And into a folder of its own.
      let single = try workshop.train(configuration, into: "single", ranks: 2, "--fold", "2")
      let results = try RunResults(of: single, folds: [2], hasCrossValidation: false)
      for (path, bytes) in results.files { #expect(bytes == alone.files[path], "\(path)") }
    }

    @Test(
      "other arithmetic and layers leave the same bytes too",
      arguments: [
        ("batch normalization", ", norm: batch, dropout: 0.2", "precision: float32, clipNorm: 1"),
        ("bfloat16", "", "precision: bfloat16"),
        ("shards of two", ", dimensions: 2", "precision: float32, shardSize: 2, shards: 2"),
      ])
    func variants(name: String, network: String, training: String) throws {
      let workshop = try Workshop()
      let isFlat = network.contains("dimensions: 2")
      let file = try workshop.configuration(network: network, training: training)
      let more = isFlat ? ["--set", "training.patch=[16, 1, 16]"] : []
      var results: [RunResults] = []
      for ranks in [nil, 3, 5] {
        let folder = "run\(ranks ?? 0)"
        let run = try Binary.run(
          ["train", file, "--fold", "1", "--output", "\(workshop.path)/\(folder)"] + more,
          ranks: ranks)
        try #require(run.status == 0, "\(ranks ?? 0) ranks: \(run.errors)")
        results.append(try RunResults(of: workshop.folder(folder), folds: [1]))
      }
      #expect(results[1].differences(from: results[0]) == [], "\(name) on 3 ranks")
      #expect(results[2].differences(from: results[0]) == [], "\(name) on 5 ranks")
    }

    @Test("another seed leaves other weights, so that equal bytes mean something")
    func otherSeed() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let first = try workshop.train(configuration, into: "first", "--fold", "0")
      let second = try workshop.train(
        configuration, into: "second", "--fold", "0", "--set", "training.seed=2")
      let differences = try RunResults(of: second, folds: [0])
        .differences(from: RunResults(of: first, folds: [0]))
      #expect(differences.contains("/fold_0/checkpoint_final.safetensors"))
      #expect(differences.contains("/fold_0/log.jsonl without times"))
    }
  }
}
