using System.Collections.Frozen;
using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>A number must lie between two bounds, in millionths, both inclusive.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Bounds(Field Field, long Min, long Max);

/// <summary>A word of a fact must be one of a list.</summary>
/// <param name="Name">Which word, see <see cref="Words"/>.</param>
/// <param name="Items">The list.</param>
internal sealed record Listing(string Name, FrozenSet<string> Items);

/// <summary>Conditions on a fact; all must hold.</summary>
internal sealed record Filter
{
    public static readonly Filter All = new();

    /// <summary>Channels of a service by bit.</summary>
    public int Channels { get; init; } = -1;

    /// <summary>Outcomes by bit.</summary>
    public int Outcomes { get; init; } = -1;

    /// <summary>Kinds of survey by bit.</summary>
    public int Kinds { get; init; } = -1;

    public FrozenSet<string>? Services { get; init; }

    public FrozenSet<string>? Measures { get; init; }

    public FrozenSet<string>? Surveys { get; init; }

    public FrozenSet<string>? Assets { get; init; }

    /// <summary>Words of the facts that are not so many that each look counts, ordered by name.</summary>
    public Listing[] Listings { get; init; } = [];

    public Bounds[] Ranges { get; init; } = [];

    public bool Holds(FactData data) => Verdict(data) == true;

    /// <summary>
    /// True or false; null when only a missing number could tell. A fact of another channel, outcome, service … is no hit whatever its numbers:
    /// a call that was abandoned was not answered within 20 seconds, though it has no wait.
    /// </summary>
    public bool? Verdict(FactData data)
    {
        var fits = data switch
        {
            ServiceCompleted s => (Channels >> (int)s.Channel & 1) != 0 && (Outcomes >> (int)s.Outcome & 1) != 0 && (Services is null || Services.Contains(s.Service)),
            Measurement m => Measures is null || Measures.Contains(m.Measure),
            SurveyResponse s => (Kinds >> (int)s.Kind & 1) != 0 && (Surveys is null || Surveys.Contains(s.Survey)) && (s.Flags is not { Count: > 0 } || AsksForFlags),
            FaultOpened f => Assets is null || Assets.Contains(f.Asset),
            FaultRestored f => Assets is null || Assets.Contains(f.Asset),
            _ => true,
        };
        if (!fits)
            return false;
        foreach (var listing in Listings)
        {
            if (!Words.Of(data, listing.Name, listing.Items))
                return false;
        }
        foreach (var range in Ranges)
        {
            var number = range.Field.Of(data);
            if (number == Number.Missing)
                return null;
            fits &= number >= range.Min && number <= range.Max;
        }
        return fits;
    }

    /// <summary>A flagged answer is no valid one, unless flags are what is asked for.</summary>
    private bool AsksForFlags => Array.Exists(Listings, static listing => listing.Name == Words.Flag);
}
