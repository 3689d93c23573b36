namespace ServiceQuality.Console.Measures;

/// <summary>A word of a fact that can be asked for; without choices any text can.</summary>
public sealed record FactWord(string Name, IReadOnlyList<string> Choices);

/// <summary>A kind of fact as measures see it.</summary>
public sealed record FactLanguage(string Name, IReadOnlyList<FactWord> Words, IReadOnlyList<string> Numbers, IReadOnlyList<string> Truths, IReadOnlyList<string> Aggregators);

/// <summary>GET /api/schemes/measure-language.</summary>
public sealed record MeasureLanguage(IReadOnlyList<FactLanguage> Facts, IReadOnlyDictionary<string, IReadOnlyList<string>> LatestValues, IReadOnlyList<string> Blendable)
{
    public FactLanguage? Find(string? fact) => Facts.FirstOrDefault(one => one.Name == fact);

    /// <summary>Every aggregator, a blend last.</summary>
    public IEnumerable<string> Aggregators => Facts.SelectMany(fact => fact.Aggregators).Distinct().Append("blend");
}
