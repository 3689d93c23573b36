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
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', series.Select(s => s.Key)))));
        Router = new(Series);
        FaultSeries = [.. Enumerable.Range(0, Series.Length).Where(i => Series[i].Shape == Shape.Faults)];
    }

    /// <summary>SHA-256 of the definitions, hexadecimal; the same for the same set of definitions, whatever their order, codes and names.</summary>
    public string Hash { get; }

    /// <summary>How many different series of buckets a ledger keeps.</summary>
    public int Count => Series.Length;

    internal Series[] Series { get; }

    internal FactRouter Router { get; }

    internal int[] FaultSeries { get; }

    /// <summary>How many days before a window readings bring along for families that hold values. Not part of the state, hence not of the hash.</summary>
    internal int HoldDays { get; }

    /// <summary>The catalogue of these scheme versions.</summary>
    public static MeasureCatalogue Of(params IEnumerable<Scheme> schemes) => new(
        [.. schemes.SelectMany(s => s.Measures.Values).Select(m => m.Series)
            .DistinctBy(s => s.Key, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal)],
        schemes.SelectMany(s => s.Families.Prepend(s.Root)).Select(f => f.Missing.Days).DefaultIfEmpty().Max());

    /// <summary>Whether ledgers of this catalogue can be scored by a scheme.</summary>
    public bool Covers(Scheme scheme) => scheme.Measures.Values.All(m => index.ContainsKey(m.Series.Key));

    internal int IndexOf(Measure measure) => index.TryGetValue(measure.Series.Key, out var i) ? i
        : throw new InvalidOperationException($"The catalogue does not hold the measure '{measure.Code}'.");
}
