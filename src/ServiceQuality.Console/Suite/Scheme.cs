using System.Collections.Concurrent;
using System.Text.Json;

namespace ServiceQuality.Console.Suite;

/// <summary>A grade band: code, name, and the score it starts at.</summary>
public sealed record Band(string Code, LocalName Name, double From);

/// <summary>A family of the scheme's tree: its share among its siblings, and the family above; null right under the root.</summary>
public sealed record SchemeFamily(string Code, LocalName Name, double Weight, string? Parent);

/// <summary>What the pages need of a scheme version: its bands, best first, and the names of its parts.</summary>
public sealed record Scheme(
    string Id, int Version, IReadOnlyList<Band> Bands, IReadOnlyList<SchemeFamily> Families,
    IReadOnlyDictionary<string, LocalName> Leaves, IReadOnlyDictionary<string, LocalName> Rules)
{
    private static readonly Dictionary<string, LocalName> NoNames = [];
    private static readonly string[] Colours = ["exc", "good", "fair", "pass", "fail"];

    /// <summary>The bands of scoring.md §4, for the time that the scheme cannot be read.</summary>
    public static readonly Scheme Default = new("", 0,
    [
        new("excellent", new("优秀", "Excellent"), 90),
        new("good", new("良好", "Good"), 80),
        new("fair", new("中等", "Fair"), 70),
        new("pass", new("合格", "Pass"), 60),
        new("fail", new("不合格", "Fail"), 0),
    ], [], NoNames, NoNames);

    /// <summary>The scores at which a better grade begins, ascending; rounding never crosses one.</summary>
    public IReadOnlyList<double> Limits { get; } = [.. Bands.Select(band => band.From).Where(from => from > 0).Order()];

    /// <summary>The lowest score that is not of the lowest grade.</summary>
    public double PassLine => Limits.Count > 0 ? Limits[0] : 0;

    /// <summary>The families right under the root.</summary>
    public IEnumerable<SchemeFamily> Top => Families.Where(family => family.Parent is null);

    /// <summary>The band a score lies in.</summary>
    public Band BandOf(double score) => Bands.FirstOrDefault(band => score >= band.From) ?? Bands[^1];

    /// <summary>The band of a grade; null when not graded.</summary>
    public Band? Find(string? code) => Bands.FirstOrDefault(band => band.Code == code);

    /// <summary>The colour class of a grade, by its place from the top: schemes name their bands as they like.</summary>
    public string Colour(string? code)
    {
        for (var place = 0; place < Bands.Count; place++)
        {
            if (Bands[place].Code == code)
                return Colours[Bands.Count == Colours.Length ? place : (int)Math.Round(place * (Colours.Length - 1d) / Math.Max(1, Bands.Count - 1))];
        }

        return "none";
    }

    /// <summary>Reads a scheme document.</summary>
    public static Scheme Of(SchemeRef scheme, JsonElement document)
    {
        var root = document.TryGetProperty("scheme", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : document;
        var bands = root.GetProperty("bands").EnumerateArray()
            .Select(band => new Band(Code(band), NameOf(band), band.GetProperty("from").GetDouble()))
            .OrderByDescending(band => band.From)
            .ToList();
        var families = new List<SchemeFamily>();
        var leaves = new Dictionary<string, LocalName>(StringComparer.Ordinal);
        Walk(root.GetProperty("root"), null);
        var rules = new Dictionary<string, LocalName>(StringComparer.Ordinal);
        if (root.TryGetProperty("adjustments", out var adjustments) && adjustments.ValueKind == JsonValueKind.Array)
        {
            foreach (var rule in adjustments.EnumerateArray())
                rules[rule.GetProperty("rule").GetString()!] = NameOf(rule);
        }

        return new(scheme.Id, scheme.Version, bands, families, leaves, rules);

        void Walk(JsonElement node, string? parent)
        {
            var children = node.GetProperty("children").EnumerateArray().ToList();
            var weights = children.Sum(Weight);
            foreach (var child in children)
            {
                if (!child.TryGetProperty("children", out _))
                {
                    leaves[Code(child)] = NameOf(child);
                    continue;
                }

                families.Add(new(Code(child), NameOf(child), weights > 0 ? Weight(child) / weights : 0, parent));
                Walk(child, Code(child));
            }
        }
    }

    private static string Code(JsonElement element) => element.GetProperty("code").GetString()!;

    private static double Weight(JsonElement child) => child.TryGetProperty("weight", out var weight) && weight.ValueKind == JsonValueKind.Number ? weight.GetDouble() : 0;

    private static LocalName NameOf(JsonElement element) => element.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.Object
        ? new(name.GetProperty("zh").GetString(), name.GetProperty("en").GetString())
        : LocalName.Unnamed;
}

/// <summary>Scheme versions never change, so each is read once.</summary>
public sealed class SchemeShelf
{
    private const int Most = 64;

    private readonly ConcurrentDictionary<SchemeRef, Scheme> _known = new();

    /// <summary>The scheme version behind a score; the default bands while it cannot be read.</summary>
    public async Task<Scheme> OfAsync(SchemeRef? scheme, SuiteReader suite, CancellationToken ct)
    {
        if (scheme is null)
            return Scheme.Default;
        if (_known.TryGetValue(scheme, out var known))
            return known;

        var reading = await suite.SchemeAsync(scheme.Id, scheme.Version, ct);
        if (reading.Value is null)
            return Scheme.Default;

        using var document = reading.Value;
        var read = Scheme.Of(scheme, document.RootElement);
        if (_known.Count < Most)
            _known.TryAdd(scheme, read);
        return read;
    }
}
