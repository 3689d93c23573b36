namespace ServiceQuality.Scoring.Servqual;

/// <summary>What is wrong in a library.</summary>
/// <param name="Place">JSON pointer of the place, <c>/subDimensions/2/checkPoints/0/code</c>.</param>
/// <param name="Code">Stable code: code-invalid, code-not-unique, dimension-unknown, importance-out-of-range, name-invalid, too-many, empty.</param>
public sealed record LibraryFault(string Place, string Code);

/// <summary>
/// One version of the sub-dimension library (SCO-10): which sub-dimensions there are, which check points each has, and under which of the five dimensions they count. A check point is known by
/// its own code wherever it was asked: an answer about <c>assurance.polite</c> counts under the dimension that the library gives to <c>polite</c>. Items that it does not know count as they were asked.
/// </summary>
public sealed class SubDimensionLibrary
{
    /// <summary>Most sub-dimensions, and most check points of one.</summary>
    public const int Most = 60;

    private const int Longest = 100;

    private readonly Dictionary<string, (SubDimension Sub, CheckPoint Point)> points;

    /// <summary>A library that is in order.</summary>
    /// <exception cref="ArgumentException">It is not: see <see cref="Check"/>.</exception>
    public SubDimensionLibrary(IReadOnlyList<SubDimension> subDimensions)
    {
        if (Check(subDimensions) is [var fault, ..])
            throw new ArgumentException($"{fault.Place}: {fault.Code}.", nameof(subDimensions));
        SubDimensions = subDimensions;
        points = subDimensions.SelectMany(sub => sub.CheckPoints.Select(point => (sub, point))).ToDictionary(one => one.point.Code, one => one, StringComparer.Ordinal);
    }

    /// <summary>The library that every installation begins with.</summary>
    public static SubDimensionLibrary Delivered { get; } = new(SubDimension.Library);

    /// <summary>The sub-dimensions in their order.</summary>
    public IReadOnlyList<SubDimension> SubDimensions { get; }

    /// <summary>The key under which an answer counts: <c>dimension.item</c> with the dimension that the library says, or the key as it is.</summary>
    public string KeyOf(string key) => Find(key) is { } known ? $"{known.Sub.Dimension}.{known.Point.Code}" : key;

    /// <summary>What the item of a key looks at; of a dimension its name; null when the library does not know it.</summary>
    public Bilingual? NameOf(string key) => Find(key)?.Point.Name ?? ServqualDimension.Find(key)?.Name;

    /// <summary>All that is wrong, in the order of the places; nothing when the library is in order.</summary>
    public static IReadOnlyList<LibraryFault> Check(IReadOnlyList<SubDimension> subDimensions)
    {
        var faults = new List<LibraryFault>();
        var (subs, items) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        if (subDimensions.Count is 0 or > Most)
            return [new("/subDimensions", subDimensions.Count == 0 ? "empty" : "too-many")];
        for (var i = 0; i < subDimensions.Count; i++)
        {
            var (sub, at) = (subDimensions[i], $"/subDimensions/{i}");
            Code(sub.Code, $"{at}/code", subs);
            Name(sub.Name, $"{at}/name");
            if (ServqualDimension.Find(sub.Dimension) is null)
                faults.Add(new($"{at}/dimension", "dimension-unknown"));
            if (sub.Importance is < 1 or > 5)
                faults.Add(new($"{at}/importance", "importance-out-of-range"));
            if (sub.CheckPoints.Count is 0 or > Most)
                faults.Add(new($"{at}/checkPoints", sub.CheckPoints.Count == 0 ? "empty" : "too-many"));
            for (var j = 0; j < Math.Min(Most, sub.CheckPoints.Count); j++)
            {
                Code(sub.CheckPoints[j].Code, $"{at}/checkPoints/{j}/code", items);
                Name(sub.CheckPoints[j].Name, $"{at}/checkPoints/{j}/name");
            }
        }
        return faults;

        void Code(string code, string place, HashSet<string> known)
        {
            if (code.Length is 0 or > 60 || !code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                faults.Add(new(place, "code-invalid"));
            else if (!known.Add(code))
                faults.Add(new(place, "code-not-unique"));
        }

        void Name(Bilingual name, string place)
        {
            if (Bad(name.Zh) || Bad(name.En))
                faults.Add(new(place, "name-invalid"));
        }

        static bool Bad(string text) => string.IsNullOrWhiteSpace(text) || text.Length > Longest || text.Any(char.IsControl);
    }

    private (SubDimension Sub, CheckPoint Point)? Find(string key) =>
        key.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 && points.TryGetValue(key[(dot + 1)..], out var known) ? known : null;
}
