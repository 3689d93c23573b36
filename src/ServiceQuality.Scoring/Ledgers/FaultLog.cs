using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>
/// Faults, each with the moments at which it was opened and restored. Sorted by event time they alternate: an opening while open and a restoration while restored
/// say nothing new. Because they are sorted, facts may arrive in any order.
/// </summary>
internal sealed class FaultLog
{
    private readonly SortedDictionary<(string Asset, string Fault), List<long>> faults = new(Comparer<(string, string)>.Create(Compare));

    /// <summary>Event time of the earliest fault fact; from then on the unit counts as watched, and no fault means none happened.</summary>
    public long? WatchedSince { get; private set; }

    public void Add(string asset, string fault, long ticks, bool restored)
    {
        if (!faults.TryGetValue((asset, fault), out var marks))
            faults[(asset, fault)] = marks = new(2);
        // Of two marks at one instant the opening comes first: an outage of no length.
        var mark = (ticks << 1) | (restored ? 1L : 0L);
        var at = marks.BinarySearch(mark);
        if (at < 0)
            marks.Insert(~at, mark);
        if (WatchedSince is not { } since || ticks < since)
            WatchedSince = ticks;
    }

    /// <summary>Forgets faults that were over before a moment.</summary>
    public void Expire(long before)
    {
        List<(string, string)>? over = null;
        foreach (var (key, marks) in faults)
        {
            if (marks[^1] >> 1 < before && !Outages(marks).Any(o => o.End is null))
                (over ??= []).Add(key);
        }
        foreach (var key in over ?? [])
            faults.Remove(key);
    }

    /// <summary>What a window sees, for every series of the catalogue; with <paramref name="closed"/> its last instant belongs to it.</summary>
    public FaultTotals[] Totals(MeasureCatalogue catalogue, long from, long to, bool closed)
    {
        var totals = new FaultTotals[catalogue.Series.Length];
        if (WatchedSince is not { } since || !(since < to || (closed && since == to)))
            return totals;
        foreach (var i in catalogue.FaultSeries)
        {
            totals[i].Watched = to - from;
            foreach (var ((asset, _), marks) in faults)
            {
                if (catalogue.Series[i].Where.Assets is { } assets && !assets.Contains(asset))
                    continue;
                foreach (var outage in Outages(marks))
                    totals[i].Add(outage, from, to, closed);
            }
        }
        return totals;
    }

    /// <summary>The outages that sorted marks (time × 2, + 1 when restored) describe; the last may still be open.</summary>
    public static IEnumerable<Outage> Outages(IReadOnlyList<long> marks)
    {
        long? open = null;
        foreach (var mark in marks)
        {
            if ((mark & 1) == 0)
            {
                open ??= mark >> 1;
            }
            else if (open is { } start)
            {
                yield return new(start, mark >> 1);
                open = null;
            }
        }
        if (open is { } still)
            yield return new(still, null);
    }

    public void Save(PackedWriter writer)
    {
        writer.Long(WatchedSince ?? -1);
        writer.Unsigned((ulong)faults.Count);
        foreach (var ((asset, fault), marks) in faults)
        {
            writer.Text(asset);
            writer.Text(fault);
            writer.Unsigned((ulong)marks.Count);
            long last = 0;
            foreach (var mark in marks)
            {
                writer.Long(mark - last);
                last = mark;
            }
        }
    }

    public void Load(ref PackedReader reader)
    {
        var since = reader.Long();
        WatchedSince = since < 0 ? null : since;
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var key = (reader.Text(), reader.Text());
            var marks = new List<long>();
            long last = 0;
            for (var more = reader.Unsigned(); more > 0; more--)
                marks.Add(last += reader.Long());
            faults[key] = marks;
        }
    }

    private static int Compare((string Asset, string Fault) a, (string Asset, string Fault) b)
    {
        var order = string.CompareOrdinal(a.Asset, b.Asset);
        return order != 0 ? order : string.CompareOrdinal(a.Fault, b.Fault);
    }
}

/// <summary>One outage in UTC ticks; open while the end is null.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Outage(long Start, long? End);

/// <summary>Faults over a window; additive over units. Times in ticks.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct FaultTotals
{
    public long Repairs;
    public Int128 RepairTime;
    public Int128 RepairSquares;
    public long Failures;
    public Int128 Down;
    public Int128 DownSquares;

    /// <summary>Length of the window when the unit is watched, else 0.</summary>
    public Int128 Watched;

    public void Add(in FaultTotals other)
    {
        Repairs += other.Repairs;
        RepairTime += other.RepairTime;
        RepairSquares += other.RepairSquares;
        Failures += other.Failures;
        Down += other.Down;
        DownSquares += other.DownSquares;
        Watched += other.Watched;
    }

    /// <summary>
    /// Adds an outage as the window [from, to) sees it: a failure when it began inside, a repair, whole, when it ended inside, and the down time inside.
    /// Outages of several assets at once add up. With <paramref name="closed"/> the window's last instant belongs to it.
    /// </summary>
    public void Add(Outage outage, long from, long to, bool closed)
    {
        if (outage.Start > to || (!closed && outage.Start == to))
            return;
        if (outage.Start >= from)
            Failures++;
        if (outage.End is { } end && end >= from && (end < to || (closed && end == to)))
        {
            Int128 length = end - outage.Start;
            Repairs++;
            RepairTime += length;
            RepairSquares += length * length;
        }
        Int128 inside = Math.Min(outage.End ?? to, to) - Math.Max(outage.Start, from);
        if (inside > 0)
        {
            Down += inside;
            DownSquares += inside * inside;
        }
    }
}
