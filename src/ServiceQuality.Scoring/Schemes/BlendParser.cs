using System.Collections.Frozen;
using System.Text.Json;

namespace ServiceQuality.Scoring;

/// <summary>Reads measures that mix others (<see cref="Aggregator.Blend"/>).</summary>
internal sealed class BlendParser(List<SchemeError> errors) : SchemeJson(errors)
{
    private const int MostParts = 20;
    private const int MostGroups = 20;

    public Measure Read(JsonElement json, string at, Func<JsonElement, string, string, Measure> measureOf)
    {
        Known(json, at, "code", "name", "unit", "aggregator", "parts", "each");
        Choice(json, at, "aggregator", [("blend", Aggregator.Blend)], "parts-need-blend");
        var each = json.TryGetProperty("each", out _) ? Choice(json, at, "each", ("period", Step.None), ("month", Step.Month)) : Step.None;
        var parts = new List<BlendPart>();
        foreach (var (item, place) in Items(json, at, "parts", least: 1))
            parts.Add(ReadPart(item, place, each, measureOf));
        if (parts.Count > MostParts)
            Error($"{at}/parts", "too-many", $"A blend has at most {MostParts} parts.");
        return new()
        {
            Code = Code(json, at, "code"),
            Name = Text2(json, at, "name"),
            Unit = Text(json, at, "unit"),
            Aggregator = Aggregator.Blend,
            Each = each,
            Parts = parts,
            Series = parts is [var first, ..] ? first.Series : measureOf(json, at, "parts").Series,
        };
    }

    private BlendPart ReadPart(JsonElement json, string at, Step each, Func<JsonElement, string, string, Measure> measureOf)
    {
        Known(json, at, "measure", "weight", "mean", "minimumSample", "groups", "absent");
        var measure = measureOf(json, at, "measure");
        if (measure.Aggregator is not (Aggregator.Mean or Aggregator.Ratio or Aggregator.Gap) && measure.Name.En.Length > 0)
            Error($"{at}/measure", "part-does-not-fit", "The parts of a blend are means, ratios and gaps.");
        var by = json.TryGetProperty("mean", out _) ? Choice(json, at, "mean", ("facts", Step.None), ("months", Step.Month), ("weeks", Step.Week)) : Step.None;
        if (by == Step.Month && each == Step.Month)
            Error($"{at}/mean", "months-of-month", "A blend that is made each month has parts over the facts or the weeks of the month.");
        var step = by == Step.None ? each : by;
        var groups = json.TryGetProperty("groups", out var list) ? Strings(list, $"{at}/groups") : [];
        if (groups.Count > 0 && measure.Series.Fact != FactKind.Survey)
            Error($"{at}/groups", "groups-need-survey", "Quota groups are those of surveys.");
        if (groups.Count > MostGroups)
            Error($"{at}/groups", "too-many", $"At most {MostGroups} groups.");
        return new()
        {
            Measure = measure,
            Weight = Number(json, at, "weight", 0.000001, 1_000_000),
            By = by,
            MinimumSample = json.TryGetProperty("minimumSample", out _) ? (long)Number(json, at, "minimumSample", 1, 1e12, whole: true) : 1,
            Absent = json.TryGetProperty("absent", out _) ? Code(json, at, "absent") : null,
            Groups = groups,
            Series = Stepped(measure.Series, step),
            GroupSeries = [.. groups.Distinct(StringComparer.Ordinal).Select(group => Stepped(Of(measure.Series, group), step))],
        };
    }

    private static Series Stepped(Series series, Step step) => new()
    {
        Key = SeriesKey.Of(series, step), Fact = series.Fact, Shape = series.Shape, Where = series.Where, Step = step, Value = series.Value, Less = series.Less, Hit = series.Hit,
    };

    /// <summary>The same series over one quota group only.</summary>
    private static Series Of(Series series, string group)
    {
        var where = series.Where with
        {
            Listings = [.. series.Where.Listings.Where(l => l.Name != "group").Append(new("group", new[] { group }.ToFrozenSet(StringComparer.Ordinal))).OrderBy(l => l.Name, StringComparer.Ordinal)],
        };
        return new()
        {
            Key = SeriesKey.Of(series.Fact, series.Shape, where, series.Value, series.Less, series.Hit),
            Fact = series.Fact, Shape = series.Shape, Where = where, Value = series.Value, Less = series.Less, Hit = series.Hit,
        };
    }
}
