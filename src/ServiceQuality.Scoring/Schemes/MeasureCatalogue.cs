using System.Security.Cryptography;
using System.Text;

namespace ServiceQuality.Scoring;

/// <summary>
/// The union of the measures of the scheme versions in force. A ledger belongs to one catalogue: its buckets cannot serve a measure that was not in the
/// catalogue when the facts were folded, so a change of the catalogue (another <see cref="Hash"/>) means folding the journal again.
/// </summary>
public sealed class MeasureCatalogue
{
    private readonly Dictionary<string, int> index;

    private MeasureCatalogue(List<Series> series, int holdDays)
    {
        HoldDays = holdDays;
        Series = [.. series];
        index = series.Select((s, i) => (s.Key, i)).ToDictionary(p => p.Key, p => p.i, StringComparer.Ordinal);
        var definitions = series.Select(s => s.Key);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', holdDays == 0 ? definitions : definitions.Append($"hold {holdDays}")))));
        Router = new(Series);
        FaultSeries = Indexes(s => s.Shape == Shape.Faults);
        LatestSeries = Indexes(s => s.Shape == Shape.Latest);
        SteppedSeries = Indexes(s => s.Step != Step.None);
    }

    /// <summary>SHA-256 of the definitions and of the days that values are held, hexadecimal; the same for the same set, whatever its order, codes and names.</summary>
    public string Hash { get; }

    /// <summary>How many different series of buckets a ledger keeps.</summary>
    public int Count => Series.Length;

    internal Series[] Series { get; }

    internal FactRouter Router { get; }

    internal int[] FaultSeries { get; }

    internal int[] LatestSeries { get; }

    internal int[] SteppedSeries { get; }

    /// <summary>How many days before a window readings bring along for families that hold values. Readings with more and with fewer of them cannot be merged: two catalogues.</summary>
    internal int HoldDays { get; }

    /// <summary>The catalogue of these scheme versions.</summary>
    public static MeasureCatalogue Of(params IEnumerable<Scheme> schemes) => new(
        [.. schemes.SelectMany(s => s.Measures.Values).SelectMany(m => m.Needs)
            .DistinctBy(s => s.Key, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal)],
        schemes.SelectMany(s => s.Families.Prepend(s.Root)).Select(f => f.Missing.Days).DefaultIfEmpty().Max());

    /// <summary>Whether ledgers of this catalogue can be scored by a scheme.</summary>
    public bool Covers(Scheme scheme) => scheme.Measures.Values.SelectMany(m => m.Needs).All(s => index.ContainsKey(s.Key));

    /// <summary>Whether its ledgers measure this, and what it is counted against.</summary>
    public bool Holds(Measure measure) => measure.Needs.All(s => index.ContainsKey(s.Key)) && (measure.Base is not { } under || index.ContainsKey(under.Series.Key));

    internal int IndexOf(Measure measure) => index.TryGetValue(measure.Series.Key, out var i) ? i
        : throw new InvalidOperationException($"The catalogue does not hold the measure '{measure.Code}'.");

    internal int IndexOf(Series series) => index.TryGetValue(series.Key, out var i) ? i : throw new InvalidOperationException("The catalogue does not hold the series of a blend.");

    private int[] Indexes(Func<Series, bool> which) => [.. Enumerable.Range(0, Series.Length).Where(i => which(Series[i]))];
}
