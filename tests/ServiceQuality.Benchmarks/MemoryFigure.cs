using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>What a live ledger takes: the delivered scheme, enlarged by indicators for single services.</summary>
internal static class MemoryFigure
{
    private const int Indicators = 60;
    private const int Ledgers = 200;
    private const int PerWeek = 1_667;

    public static IReadOnlyList<Figure> Measure()
    {
        var scheme = Enlarged();
        var week = KibibytesPerLedger(scheme, PerWeek, days: 7);
        var month = KibibytesPerLedger(scheme, PerWeek * 5, days: 35);
        return
        [
            new($"memory per branch ledger with {Indicators} indicators", "≤ 64 KiB", string.Create(CultureInfo.InvariantCulture, $"{week:0.0} KiB after {PerWeek:N0} facts over 7 days ({month:0.0} KiB after {5 * PerWeek:N0} over 35 days)"),
                string.Create(CultureInfo.InvariantCulture, $"mean of {Ledgers} ledgers of {MeasureCatalogue.Of(scheme).Count} series"), null, week <= 64),
        ];
    }

    private static double KibibytesPerLedger(Scheme scheme, int facts, int days)
    {
        var source = new BranchFacts(facts, days);
        var catalogue = MeasureCatalogue.Of(scheme);
        var ledgers = new Ledger[Ledgers];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var branch = 0; branch < Ledgers; branch++)
        {
            ledgers[branch] = new Ledger(catalogue, BranchFacts.Zone);
            for (var number = 0; number < facts; number++)
                ledgers[branch].Fold(source.OwnFact(branch, number));
        }
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(ledgers);
        GC.KeepAlive(source);
        return bytes / 1024.0 / Ledgers;
    }

    /// <summary>Indicators over services, again for one service each, until there are enough.</summary>
    public static Scheme Enlarged()
    {
        var json = JsonNode.Parse(DefaultSchemes.Telecom.Json.Span)!;
        var measures = json["measures"]!.AsArray();
        var families = json["root"]!["children"]!.AsArray().Select(family => family!["children"]!.AsArray()).ToList();
        var models = families.SelectMany(family => family.Select(leaf => (Family: family, Leaf: leaf!, Measure: measures.Single(one => Text(one, "code") == Text(leaf, "measure"))!)))
            .Where(model => Text(model.Measure, "fact") == "service.completed" && Text(model.Measure, "aggregator") != "per-thousand").ToList();
        var services = new[] { "new-line", "move", "bill", "enquiry", "complaint", "repair" };
        var places = services.SelectMany(service => models.Select(model => (service, model))).Take(Indicators - families.Sum(family => family.Count)).ToList();
        foreach (var (service, (family, leaf, measure)) in places)
        {
            var (ownMeasure, ownLeaf) = (measure.DeepClone(), leaf.DeepClone());
            var code = $"{Text(measure, "code")}-{service}";
            ownMeasure["code"] = code;
            ownLeaf["measure"] = code;
            (ownMeasure["where"] ??= new JsonObject())["service"] = new JsonArray(service);
            ownLeaf["code"] = $"{Text(leaf, "code")}-{service}";
            measures.Add(ownMeasure);
            family.Add(ownLeaf);
        }
        var (scheme, errors) = Scheme.Parse(JsonSerializer.SerializeToUtf8Bytes(json));
        return scheme ?? throw new InvalidOperationException(string.Join("; ", errors));
    }

    private static string? Text(JsonNode? node, string name) => node![name]?.GetValue<string>();
}
