using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Monitoring.Indicators;

/// <summary>A name in both languages.</summary>
internal sealed record Names(string Zh, string En);

/// <summary>A group of indicators below a family (MON-02).</summary>
internal sealed record SubGroup(string Code, Names Name);

/// <summary>A family of indicators (MON-02).</summary>
internal sealed record Family(string Code, Names Name, IReadOnlyList<SubGroup> SubGroups);

/// <summary>Whether more is better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Direction>))]
internal enum Direction
{
    [JsonStringEnumMemberName("higher")] Higher,
    [JsonStringEnumMemberName("lower")] Lower,
}

/// <summary>How often an indicator is collected (MON-47).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Frequency>))]
internal enum Frequency
{
    [JsonStringEnumMemberName("hourly")] Hourly,
    [JsonStringEnumMemberName("daily")] Daily,
    [JsonStringEnumMemberName("weekly")] Weekly,
    [JsonStringEnumMemberName("monthly")] Monthly,
    [JsonStringEnumMemberName("quarterly")] Quarterly,
}

/// <summary>What an indicator looks at (MON-52): what is delivered, how it is delivered, or the standing of the company.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Tag>))]
internal enum Tag
{
    [JsonStringEnumMemberName("technical")] Technical,
    [JsonStringEnumMemberName("functional")] Functional,
    [JsonStringEnumMemberName("image")] Image,
}

/// <summary>One entry of the catalogue (MON-01).</summary>
/// <param name="Code">Code, unique.</param>
/// <param name="Name">Name in both languages.</param>
/// <param name="Family">Code of the family.</param>
/// <param name="SubGroup">Code of the sub-group within the family.</param>
/// <param name="Unit">Unit of the value; a share is 0–1.</param>
/// <param name="Formula">How the value is computed.</param>
/// <param name="Direction">Whether more is better.</param>
/// <param name="Feed">Where it comes from: a fact type, <c>survey:kind</c> or <c>measure:code</c>.</param>
/// <param name="Frequency">How often it is collected.</param>
/// <param name="Owner">Code of the function that answers for it.</param>
/// <param name="Tag">Technical, functional or image.</param>
/// <param name="Target">Value to reach.</param>
/// <param name="Warning">Value at which somebody is warned.</param>
/// <param name="Critical">Value at which somebody must act.</param>
/// <param name="ContactPoints">Contact-point types to which it applies.</param>
/// <param name="Core">True for the core set that every contact point has (MON-03).</param>
internal sealed record Indicator(
    string Code, Names Name, string Family, string SubGroup, string Unit, string Formula, Direction Direction, string Feed, Frequency Frequency, string Owner, Tag Tag,
    double Target, double Warning, double Critical, IReadOnlyList<string> ContactPoints, bool Core = false)
{
    /// <summary>The time in which at least one reading is expected.</summary>
    [JsonIgnore]
    public TimeSpan Period => Frequency switch
    {
        Frequency.Hourly => TimeSpan.FromHours(1),
        Frequency.Daily => TimeSpan.FromDays(1),
        Frequency.Weekly => TimeSpan.FromDays(7),
        Frequency.Monthly => TimeSpan.FromDays(31),
        _ => TimeSpan.FromDays(92),
    };
}

/// <summary>The indicators of a sector template, from a file (MON-01…MON-03, MON-52).</summary>
internal sealed record IndicatorCatalogue(string Template, int Version, DateOnly EffectiveFrom, IReadOnlyList<Family> Families, IReadOnlyList<Indicator> Indicators)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>The catalogue that is delivered for a template.</summary>
    public static IndicatorCatalogue Delivered(string template)
    {
        using var file = typeof(IndicatorCatalogue).Assembly.GetManifestResourceStream($"indicators/{template}.json")
            ?? throw new InvalidOperationException($"No catalogue of indicators is delivered for the template {template}.");
        var catalogue = JsonSerializer.Deserialize<IndicatorCatalogue>(file, Json)!;
        if (catalogue.Faults().FirstOrDefault() is { } fault)
            throw new InvalidOperationException($"The catalogue {template}.json is wrong: {fault}");
        return catalogue;
    }

    /// <summary>What contradicts itself, in sentences.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var twice in Indicators.GroupBy(indicator => indicator.Code).Where(group => group.Count() > 1))
            yield return $"{twice.Key} occurs more than once.";
        foreach (var indicator in Indicators)
        {
            if (Families.FirstOrDefault(family => family.Code == indicator.Family)?.SubGroups.Any(group => group.Code == indicator.SubGroup) != true)
                yield return $"{indicator.Code} is in the unknown group {indicator.Family}/{indicator.SubGroup}.";
            var order = indicator.Direction == Direction.Higher ? 1 : -1;
            if (order * indicator.Target.CompareTo(indicator.Warning) < 0 || order * indicator.Warning.CompareTo(indicator.Critical) <= 0)
                yield return $"The limits of {indicator.Code} are not in the order target, warning, critical.";
            if (indicator.ContactPoints.Count == 0)
                yield return $"{indicator.Code} applies to no contact point.";
        }
    }
}
